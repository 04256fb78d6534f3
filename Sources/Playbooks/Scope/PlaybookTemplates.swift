import Fleet
import OrderedCollections
import Synchronization
import TaskModules
import Templating
import Values

/// Checks a playbook's templates before the run, and notes which facts they will ask for.
final class PlaybookTemplates: Sendable {
    private let templater = Templater(environment: ControllerLookups(files: ControllerFiles(), folders: []).environment)
    private let noted = Mutex(Noted())

    /// What reading turned up on the way.
    private struct Noted {
        var factSubsets: Set<FactSubset> = []
        var variables: Set<String> = []
        var sealed: [(name: String, template: TemplateText)] = []
    }

    init() {}

    /// Facts that the templates checked so far name.
    var factSubsets: Set<FactSubset> { noted.withLock(\.factSubsets) }

    /// Variables that they name.
    var variableNames: Set<String> { noted.withLock(\.variables) }

    /// Encrypted values of variables that the playbook itself sets.
    var sealed: [(name: String, template: TemplateText)] { noted.withLock(\.sealed) }

    /// Notes the encrypted values of a variable.
    func note(sealed templates: [TemplateText], of name: String) {
        if templates.isEmpty { return }
        noted.withLock { $0.sealed += templates.map { (name, $0) } }
    }

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
        noted.withLock { noted in
            noted.factSubsets.formUnion(subsets)
            for variable in use.variables { noted.variables.insert(variable.name) }
        }
    }

    /// The subsets of `name.x` and `name['x']`; all where `name` is looked at as a whole.
    private static func subsets(below name: String, in text: String) -> [FactSubset] {
        text.ranges(of: name).flatMap { range -> [FactSubset] in
            let after = text[range.upperBound...]
            let rest = after.drop { ".['\" ".contains($0) }
            let key = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            if after.first == "." || after.first == "[", !["keys", "items", "values"].contains(key) {
                return FactSubset.subset(of: key).map { [$0] } ?? []
            }
            // `'x' in ansible_facts` and the like: asked for when it runs, as are those whose name a template gives.
            let isWhole = after.first == "." || after.drop { $0.isWhitespace }.first == "|"
            return isWhole ? FactSubset.allCases : []
        }
    }
}
