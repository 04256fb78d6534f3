import Fleet

/// Tags that choose, repeat and assign.
extension Evaluator {
    func run(_ statements: [Statement]) throws {
        for statement in statements { try run(statement) }
    }

    private func run(_ statement: Statement) throws {
        try StackGuard.check()
        switch statement {
        case .output(let pieces): try put(pieces)
        case .condition(let branches, let otherwise):
            for branch in branches where try value(branch.condition).isTrue() { return try run(branch.body) }
            try run(otherwise)
        case .loop(let loop): try run(loop)
        case .assign(let target, let expression, let line):
            self.line = line
            try assign(target, try value(expression), line: line)
        case .assignBlock(let target, let filters, let body, let line):
            self.line = line
            let pieces = try scoped { try captured { try run(body) } }
            try assign(target, try filtered(try Self.joined(pieces), filters), line: line)
        case .with(let assignments, let body, let line):
            self.line = line
            let values = try assignments.map { try value($0.1) }
            try scoped {
                for (assignment, value) in zip(assignments, values) { try assign(assignment.0, value, line: line) }
                try run(body)
            }
        case .filterBlock(let filters, let body, let line):
            let pieces = try scoped { try captured { try run(body) } }
            self.line = line
            output.append(try filtered(try Self.joined(pieces), filters))
        case .scope(let body): try scoped { try run(body) }
        default: try runTemplateTag(statement)
        }
    }

    private func put(_ pieces: [Statement.Output]) throws {
        for piece in pieces {
            switch piece {
            case .text(let text): output.append(.string(text))
            case .expression(let expression, let line):
                self.line = line
                var value = try value(expression)
                if case .marker(let marker) = value { value = .marker(marker.located(at: origin.location(line: line))) }
                if case .module(let module) = value {
                    output += module.body
                } else {
                    output.append(value)
                }
            }
        }
    }

    // MARK: Loops

    private func run(_ loop: Statement.Loop) throws {
        line = loop.line
        try run(loop, over: try value(loop.items), depth: 1)
    }

    private func run(_ loop: Statement.Loop, over subject: Object, depth: Int) throws {
        var items = try subject.iterated()
        if let condition = loop.condition {
            items = try items.filter { item in
                try scoped {
                    try assign(loop.target, item, line: loop.line)
                    return try value(condition).isTrue()
                }
            }
        }
        guard !items.isEmpty else { return try scoped { try run(loop.otherwise) } }
        let state = LoopObject(items: items, depth: depth, recurse: recursion(loop, depth))
        for (index, item) in items.enumerated() {
            try session.countRound()
            state.index = index
            try scoped {
                frame.names["loop"] = .loop(state)
                try assign(loop.target, item, line: loop.line)
                try run(loop.body)
            }
        }
    }

    private func recursion(_ loop: Statement.Loop, _ depth: Int) -> ((Object) throws -> Object)? {
        guard loop.isRecursive else { return nil }
        return { [self] items in
            try session.nested {
                try Self.joined(try captured { try run(loop, over: items, depth: depth + 1) })
            }
        }
    }

    // MARK: Assignment

    func assign(_ target: AssignmentTarget, _ value: Object, line: Int) throws {
        switch target {
        case .name(let name): frame.names[name] = value
        case .attribute(let name, let attribute):
            guard case .namespace(let namespace) = try self.value(of: name) else {
                throw TemplateError.type("cannot assign attribute on non-namespace object")
            }
            namespace.attributes[attribute] = value
        case .tuple(let targets):
            let items = try value.iterated()
            guard items.count == targets.count else {
                throw TemplateError.type(
                    items.count > targets.count
                        ? "too many values to unpack (expected \(targets.count))"
                        : "not enough values to unpack (expected \(targets.count), got \(items.count))")
            }
            for (target, item) in zip(targets, items) { try assign(target, item, line: line) }
        }
    }

    /// Sends a block's content through the filters after its tag.
    private func filtered(_ value: Object, _ filters: Expression?) throws -> Object {
        guard let filters else { return value }
        return try scoped {
            frame.names[Self.blockContent] = value
            return try self.value(filters)
        }
    }

    /// Where the content of a block waits for its first filter; no template can have this name.
    static let blockContent = "\u{0}content"
}
