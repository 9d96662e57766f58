import Redaction
import Testing

@Suite struct SecretTests {
    @Test func `shows dots wherever it is printed`() throws {
        let secret = try Secret("hush-hush-hush", from: "TOKEN")
        let redactor = Redactor([secret])
        var stream = redactor.stream()
        _ = stream.push(Array("hush-hush-hu".utf8))
        var dumped = ""
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        dump(redactor, to: &dumped)
        dump(stream, to: &dumped)
        dumped += "\(secret) \(String(reflecting: secret)) \(redactor) \(stream) \(String(reflecting: redactor)) \([secret])"
        #expect(!dumped.contains("hush"))
        #expect("\(secret)" == "•••")
        #expect(secret.revealed == Array("hush-hush-hush".utf8))
    }

    @Test(arguments: ["", "a", "1234567"])
    func `refuses fewer than eight bytes, naming only the reference`(value: String) {
        do {
            _ = try Secret(value, from: "the variable TOKEN")
            Issue.record("accepted \(value)")
        } catch {
            #expect(error.reference == "the variable TOKEN")
            #expect(error.description.contains("the variable TOKEN"))
            if !value.isEmpty && value != "a" { #expect(!error.description.contains(value)) }
        }
    }

    @Test func `eight bytes are enough, counted in UTF-8`() throws {
        #expect(
            try Redactor([Secret("12345678", from: "a test"), Secret("ääää", from: "a test")]).redact("x12345678ääää")
                == "x••••••")
    }
}
