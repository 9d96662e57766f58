import Testing

@testable import shipit

/// Text of others on a terminal that we draw on.
@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("plain", "plain", "plain"),
        ("a\u{1B}[1;31mred\u{1B}[0m", "a\u{1B}[1;31mred\u{1B}[0m", "ared"),
        ("left \u{1B}[32mopen", "left \u{1B}[32mopen\u{1B}[0m", "left open"),
        ("\u{1B}[2J\u{1B}[Hcleared", "cleared", "cleared"),
        ("\u{1B}]0;title\u{7}x\u{1B}]8;;http://e\u{1B}\\link", "xlink", "xlink"),
        ("\u{1B}Pq#0\u{1B}\\sixel", "sixel", "sixel"),
        ("\u{1B}(Bset \u{1B}cfull \u{1B}7saved", "set full saved", "set full saved"),
        ("\u{9B}31mC1 \u{90}x", "\u{1B}[31mC1 x\u{1B}[0m", "C1 x"),
        ("tab\tbell\u{7}del\u{7F}back\u{8}", "tab    belldelback", "tab    belldelback"),
        ("line\nand\r\nanother\u{2028}one", "lineandanotherone", "lineandanotherone"),
        ("\u{202E}desrever\u{2066}", "desrever", "desrever"),
        ("cut \u{1B}", "cut ", "cut "), ("cut \u{1B}[31", "cut ", "cut "), ("\u{1B}]never ended", "", ""),
        ("\u{1B}[31;\u{1B}[2Jx", "x", "x"),
        ("漢字 é 👩‍👩‍👧", "漢字 é 👩‍👩‍👧", "漢字 é 👩‍👩‍👧"),
    ])
    func `keeps what is written and colours, and nothing that moves the cursor`(
        text: String, coloured: String, colourless: String
    ) {
        #expect(TerminalText.safe(text, hasColour: true) == coloured)
        #expect(TerminalText.safe(text, hasColour: false) == colourless)
    }

    @Test(arguments: [
        ("plain", 5), ("", 0), ("漢字", 4), ("é", 1), ("e\u{301}", 1), ("한글", 4), ("👍", 2), ("✓ done", 6),
        ("\u{1B}[1;31mred\u{1B}[0m", 3), ("a\u{200B}b", 2), ("ｆｕｌｌ", 8),
    ])
    func `knows the columns a text takes`(text: String, width: Int) {
        #expect(TerminalText.width(text) == width)
    }

    @Test(arguments: [
        ("short", 5, "short"), ("longer", 5, "long…"), ("漢字漢字", 5, "漢字…"), ("漢字漢字", 4, "漢…"), ("x", 0, ""),
        ("\u{1B}[31mredder\u{1B}[0m", 4, "\u{1B}[31mred…\u{1B}[0m"), ("\u{1B}[31mred\u{1B}[0m", 3, "\u{1B}[31mred\u{1B}[0m"),
        ("longer", 1, "…"),
    ])
    func `cuts by columns and ends colours`(text: String, width: Int, cut: String) {
        #expect(TerminalText.cut(text, to: width) == cut)
        #expect(TerminalText.width(TerminalText.cut(text, to: width)) <= width)
    }

    @Test func `pads to columns`() {
        #expect(TerminalText.pad("漢", to: 4) == "漢  ")
        #expect(TerminalText.pad("longer", to: 4) == "lon…")
    }
}
