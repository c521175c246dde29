import ArgumentParser

@main
struct Switchback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchback", abstract: "Keeps a Postgres-backed site alive in two places.")
}
