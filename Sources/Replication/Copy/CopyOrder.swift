public import Settings

extension SyncSettings {
    /// The streams over which the rows of one source come to all other nodes, in the order in which they are to be copied.
    public func copyOrder(from source: String) -> [StreamID] {
        var order: [StreamID] = []
        var reached: Set<String> = [source]
        var ahead = [source]
        while !ahead.isEmpty {
            let next = ahead.removeFirst()
            guard sources.contains(next) else { continue }
            for receiver in receivers(from: next) where reached.insert(receiver).inserted {
                order.append(StreamID(sync: name, source: next, receiver: receiver))
                ahead.append(receiver)
            }
        }
        return order
    }

    /// Over how many streams of some a change travels at most.
    func stepsMost(over streams: [StreamID]) -> Int {
        guard links != nil else { return 1 }
        let own = streams.filter { $0.sync == name }
        let lengths = Set(own.map(\.source)).map { start -> Int in
            var reached: Set<String> = [start]
            var edge: Set<String> = [start]
            var steps = 0
            while true {
                edge = Set(own.filter { edge.contains($0.source) }.map(\.receiver)).subtracting(reached)
                guard !edge.isEmpty else { return steps }
                reached.formUnion(edge)
                steps += 1
            }
        }
        return max(1, lengths.max() ?? 1)
    }
}
