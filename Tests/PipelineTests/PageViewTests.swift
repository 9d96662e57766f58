import Testing

@testable import Pipeline

@Suite struct PageViewTests {
    @Test(arguments: [
        (PageView.front, "/"), (.run("1k2m3n4p5q"), "/#/runs/1k2m3n4p5q"),
        (.environment(Samples.production), "/#/environments/production"),
        (.approval("1k2m3n4p5q", Samples.stage(0)), "/#/runs/1k2m3n4p5q/approval/s0"),
    ])
    func `the page has an address for what it shows`(view: PageView, expected: String) {
        #expect(view.address(on: "https://shipit.example.org/shop") == "https://shipit.example.org/shop" + expected)
    }
}
