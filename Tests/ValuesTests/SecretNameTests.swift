import Testing

@testable import Values

/// Which names say that their values are secrets.
@Suite struct SecretNameTests {
    @Test(arguments: [
        "password", "db_password", "rabbitmq-password", "dbPassword", "DB_PASSWORD", "ansible_become_password",
        "passwd",
        "root_passwd", "key_passphrase", "secret", "client_secret", "clientSecret", "token", "api_token",
        "queue_cookie",
        "credential", "aws_credential", "api_key", "apiKey", "APIKey", "private_key", "secret_key", "aws_access_key",
        "spring.datasource.password", "apikey",
    ])
    func secret(_ name: String) { #expect(SecretName.isSecret(name)) }

    @Test(arguments: [
        "", "_", "password_file", "passwords", "tokens", "secret_name", "cookie_domain", "key", "public_key", "ssl_key",
        "ssh_authorized_key", "keyboard", "monkey", "nopassword", "tokenizer", "access_key_id", "private_key_file",
        "password_2", "d", "y", "é", "secretary",
    ])
    func open(_ name: String) { #expect(!SecretName.isSecret(name)) }
}
