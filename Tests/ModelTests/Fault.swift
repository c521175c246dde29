/// What can be planted into a simulated cluster. A checker that does not find each of these is no evidence.
enum Fault: String, CaseIterable, Sendable {
    /// Of two versions with one time, the one of the node that applies wins.
    case tieByApplier
    /// A receiver forgets a deletion as soon as it has made it.
    case deletionsForgotten
    /// What a node had seen of itself is everything before now, open transactions included.
    case knowledgeByClock
    /// The winner of each pair is kept, the loser forgotten.
    case pairwiseChoice
    /// A row is left out of what is applied, now and then.
    case lostDelivery
    /// A deletion that lost is not written down.
    case loserNotRecorded
    /// A node sends the rows that its own applications wrote, and a receiver takes over what the sender saw of itself.
    case ownKnowledgeOnly
    /// Versions are dropped as soon as every node has seen them, though writes from before may be under way.
    case droppedWhenSeen
    /// What two versions' writers added is reckoned from what each of the two began with.
    case differencesOfVersions
}
