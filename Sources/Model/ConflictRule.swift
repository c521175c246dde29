/// Who wins when two nodes changed the same row and neither had seen the other's change.
///
/// Columns and functions are named as the configuration has them; whether they exist is looked at when the schema is
/// installed.
public enum ConflictRule: Sendable, Hashable {
    /// The change with the later stamp.
    case latest
    /// The change with the earlier stamp.
    case earliest
    /// The change of the node that comes first.
    case prefer([String])
    /// Column by column, each by its stamp.
    case merge
    /// The row with the larger value in a column.
    case largest(String)
    /// The row with the smaller value in a column.
    case smallest(String)
    /// What a SQL function makes of the two.
    case function(String)
    /// Nobody, until a person decides.
    case hold
}
