import Testing
import Values

@Test(arguments: [("{{ a }}", true), ("{% if %}", true), ("{# x #}", true), ("{ {", false), ("a{b}", false)])
func knowsTemplates(_ text: String, _ isTemplate: Bool) {
    #expect(Value.isTemplate(text) == isTemplate)
}
