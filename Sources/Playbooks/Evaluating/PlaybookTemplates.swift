import Fleet
import OrderedCollections
import Synchronization
import Templating

/// Checks a playbook's templates before the run, and notes which facts they will ask for.
final class PlaybookTemplates: Sendable {
    private let templater = Templater(environment: ControllerLookups(files: ControllerFiles(), folders: []).environment)
    private let noted = Mutex<Set<FactSubset>>([])

    init() {}

    /// Facts that the templates checked so far name.
    var factSubsets: Set<FactSubset> { noted.withLock { $0 } }

    /// - Throws: ``InputError`` when `template` does not parse or names an unknown filter, test or lookup.
    func check(template: TemplateText) throws(InputError) {
        note(try templater.check(text: template.text, at: template.location), template.text)
    }

    /// The same for a condition or another expression.
    func check(expression: TemplateText) throws(InputError) {
        note(try templater.check(expression: expression.text, at: expression.location), expression.text)
    }

    /// The same for the text of a template file.
    func check(file: String, text: String) throws(InputError) {
        note(try templater.check(file: text, name: file), text)
    }

    /// The value of a template whose variables are all known before the run.
    func value(of template: TemplateText, variables: Variables) throws(InputError) -> Value {
        do {
            return try templater.evaluate(.template(template), in: StaticScope(variables: [variables])) ?? .null
        } catch let error as TemplateError {
            throw InputError(error.message, at: error.location ?? template.location, hints: error.hints)
        } catch {
            throw InputError(String(describing: error), at: template.location)
        }
    }

    private func note(_ use: TemplateUse, _ text: String) {
        var subsets: Set<FactSubset> = []
        for variable in use.variables where variable.name.hasPrefix("ansible_") {
            if variable.name == "ansible_facts" {
                subsets.formUnion(Self.subsets(below: "ansible_facts", in: text))
            } else if let subset = FactSubset.subset(of: String(variable.name.dropFirst("ansible_".count))) {
                subsets.insert(subset)
            }
        }
        if !subsets.isEmpty { noted.withLock { $0.formUnion(subsets) } }
    }

    /// The subsets of `name.x` and `name['x']`.
    private static func subsets(below name: String, in text: String) -> [FactSubset] {
        text.ranges(of: name).compactMap { range in
            let rest = text[range.upperBound...].drop { ".['\" ".contains($0) }
            return FactSubset.subset(of: String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }))
        }
    }
}
