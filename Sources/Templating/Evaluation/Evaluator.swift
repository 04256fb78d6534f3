import Fleet

/// Names set inside a template, in a part of it.
final class Frame {
    var names: [String: Object] = [:]
    let parent: Frame?

    init(parent: Frame?) { self.parent = parent }

    func value(_ name: String) -> Object? {
        var frame: Frame? = self
        while let current = frame {
            if let value = current.names[name] { return value }
            frame = current.parent
        }
        return nil
    }
}

/// Carries out one template.
final class Evaluator {
    let session: Session
    let origin: Origin
    var frame: Frame
    /// What has been put out so far; kept apart until the end, so that a single value keeps its type.
    var output: [Object] = []
    /// The line being carried out.
    var line = 1
    /// Whether strings in the text that hold template markers are templates: so in conditions.
    var rendersStrings = false
    /// Blocks of the templates that extend this one, the outermost last.
    var blocks: [String: [Statement.Block]] = [:]
    /// How templates that this one includes are read.
    var delimiters = Delimiters.standard

    init(_ session: Session, origin: Origin, frame: Frame = Frame(parent: nil)) {
        self.session = session
        self.origin = origin
        self.frame = frame
    }

    /// What the template comes to: the value when it puts out a single one, else text.
    func result(of template: Template) throws -> Object {
        do {
            try run(template)
        } catch let tripped as Tripped {
            output.append(.marker(tripped.marker.located(at: origin.location(line: line))))
        } catch let error as TemplateError {
            output.append(.marker(Marker(error.located(at: origin.location(line: line)))))
        }
        return try Self.joined(output)
    }

    /// Puts the pieces together: none is `None`, one is itself, several are text.
    static func joined(_ pieces: [Object]) throws -> Object {
        var text = ""
        var single: Object?
        var count = 0
        for piece in pieces {
            if case .none = piece { continue }
            count += 1
            single = piece
        }
        if count <= 1 { return single ?? .none }
        do {
            for piece in pieces {
                let more = try piece.printed()
                try Extent.check(text: text.utf8.count + more.utf8.count)
                text += more
            }
        } catch let tripped as Tripped {
            return .marker(tripped.marker)
        }
        return .string(text)
    }

    /// Runs `body` with names of its own.
    func scoped<Result>(_ body: () throws -> Result) rethrows -> Result {
        let outer = frame
        frame = Frame(parent: outer)
        defer { frame = outer }
        return try body()
    }

    /// Runs `body` and gives what it put out.
    func captured(_ body: () throws -> Void) rethrows -> [Object] {
        let outer = output
        output = []
        defer { output = outer }
        try body()
        return output
    }

    /// What `name` means here: set in the template, else a variable, else one of the functions every template has.
    func value(of name: String) throws -> Object {
        if let value = frame.value(name) { return value }
        do {
            if let value = try session.variable(name) { return value }
        } catch let tripped as Tripped {
            return .marker(tripped.marker)
        } catch let error as TemplateError {
            return .marker(Marker(error))
        }
        if name == "self", !blocks.isEmpty { return .module(blockModule()) }
        if let function = Functions.named(name, self) { return function }
        return .marker(
            Marker(undefined: "'\(name)' is undefined", name: name, others: nil)
                .located(at: origin.location(line: line)))
    }
}
