import Fleet
import Values

/// The words that start a shell with a privilege.
struct ShellLaunch: Sendable {
    /// What the login shell, whichever it is, is asked to run.
    let line: String
    /// What is written first, once ``prompt`` lets it.
    let opening: [UInt8]
    /// Whether the first request is in ``line``.
    let carriesFirst: Bool
    /// What may ask for a password before.
    var prompt: PasswordPrompt?
    /// Separates what the controller reads.
    let token: String

    /// What a request may have, in bytes, to be sent in the line; with the program, it stays well within one SSH packet.
    static let roomForFirst = 4096

    /// A shell for `privilege` on the host of `endpoint`.
    ///
    /// - Parameter first: The first request's script, when it may be seen by the host's other users. sshd takes what a
    ///   program reads only once it has started the program; what is in the line itself is there a round trip earlier.
    init(_ privilege: Privilege, on endpoint: Endpoint, first: String? = nil) {
        let loginUser = endpoint.connection == .local ? ConnectorContext.currentUser : endpoint.loginUser
        token = Self.randomWord()
        guard case .become(let user) = privilege, user != loginUser else {
            let runner = Array(RunnerScript.text(token: token, first: first).utf8)
            carriesFirst = first != nil
            opening = carriesFirst ? [] : runner
            // Base64 for login shells that take no line breaks between quotes.
            let source =
                carriesFirst ? "echo \(Base64Coding.text(runner)) | base64 -d" : "head -c \(runner.count)"
            line = #"exec /bin/sh -c 'eval "$(\#(source))"'"#
            return
        }
        carriesFirst = false
        let runner = RunnerScript.text(token: token)
        opening = Array(runner.utf8)
        let start = #"eval "$(head -c \#(runner.utf8.count))""#
        let word = Self.randomWord()
        let name = RemoteCommand.quote(user)
        switch (endpoint.becomeMethod, endpoint.becomePassword) {
        case (.sudo, nil): line = "exec sudo -n -H -u \(name) -- /bin/sh -c '\(start)'"
        case (.sudo, let password?):
            // The colon can't be held back as the beginning of a token.
            let question = Self.randomWord() + ":"
            line = "exec sudo -S -p \(question) -H -u \(name) -- /bin/sh -c 'echo \(word); \(start)'"
            prompt = PasswordPrompt(question: question, word: word, password: password)
        case (.su, let password):
            line = "exec su -s /bin/sh -c 'echo \(word); \(start)' \(name)"
            prompt = PasswordPrompt(question: nil, word: word, password: password)
        case (.doas, _): line = "exec doas -n -u \(name) /bin/sh -c '\(start)'"
        // Without a terminal it hands its streams on as they are.
        case (.run0, _): line = "exec run0 --no-ask-password --user=\(name) -- /bin/sh -c '\(start)'"
        }
    }

    /// Random text that no command's output contains by chance.
    static func randomWord() -> String {
        var generator = SystemRandomNumberGenerator()
        let numbers = [generator.next(), generator.next()] as [UInt64]
        return "drover" + numbers.map { String($0, radix: 36) }.joined()
    }
}
