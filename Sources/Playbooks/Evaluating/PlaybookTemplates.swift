import Fleet
import OrderedCollections
import Templating

/// Checks a playbook's templates before the run.
struct PlaybookTemplates: Sendable {
    private let templater = Templater()

    /// - Throws: ``InputError`` when `template` does not parse or names an unknown filter, test or lookup.
    func check(template: TemplateText) throws(InputError) {
        try located(template.location) { try templater.check(.template(template)) }
    }

    /// The same for a condition or another expression.
    func check(expression: TemplateText) throws(InputError) {
        try located(expression.location) { try templater.check(condition: expression.text, at: expression.location) }
    }

    /// The same for the text of a template file.
    func check(file: String, text: String) throws(InputError) {
        try located(SourceLocation(file: file)) { try templater.check(file: text, name: file) }
    }

    /// The value of a template whose variables are all known before the run.
    func value(of template: TemplateText, variables: Variables) throws(InputError) -> Value {
        try located(template.location) {
            try templater.evaluate(.template(template), in: StaticScope(variables: [variables])) ?? .null
        }
    }

    private func located<Result>(
        _ location: SourceLocation?, _ body: () throws -> Result
    ) throws(InputError) -> Result {
        do {
            return try body()
        } catch let error as InputError {
            throw error.located(at: location)
        } catch let error as TemplateError {
            throw InputError(error.message, at: error.location ?? location, hints: error.hints)
        } catch {
            throw InputError(String(describing: error), at: location)
        }
    }
}
