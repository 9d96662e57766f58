"""The page in a real Chromium, in front of the real services; run by script/page."""
import contextlib
import os
import pathlib
import re
import time
import unittest

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from stand import Stand

AXE = Axe()
# All that are on by themselves, best practices among them, and the one of WCAG 2.2 that is not.
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
JUDGE = (pathlib.Path(__file__).parent / "judge.js").read_text().split("\n", 2)[2]
PICTURES = os.environ.get("SHIPIT_PAGE_PICTURES")
MODES = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
expect.set_options(timeout=10_000)

waiting, failed, running = "1ryd01shop", "1ryc01shop", "1rye01shop"
PAGES = {
    "overview": "/", "runs": "/runs", "failed": f"/runs/{failed}", "running": f"/runs/{running}", "waiting": f"/runs/{waiting}",
    "approval": f"/runs/{waiting}/approval/approve-production", "environment": "/environments/production",
    "held": "/environments/staging", "compare": "/environments/production/compare/1rya04shop/1rya08shop",
    "rollback": "/environments/production/rollback", "blocked": "/environments/production/rollback?to=1rya06shop",
    "figures": "/figures", "sign-in": "/sign-in",
}


def setUpModule():
    global browser, playwright
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])


def tearDownModule():
    browser.close()
    playwright.stop()


class PageTests(unittest.TestCase):
    scenes, reading, tokens = ("story",), "anyone", ()

    @classmethod
    def setUpClass(cls):
        cls.stand = Stand(*cls.scenes, reading=cls.reading, tokens=cls.tokens)
        cls.addClassCleanup(cls.stand.close)

    @contextlib.contextmanager
    def page(self, width=1280, scheme="light", expected=None, **options):
        """A page of its own; what it complains about is a failure, but for what `expected` matches."""
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        page = context.new_page()
        page.set_default_timeout(10_000)
        complaints = []
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        try:
            yield page
        finally:
            context.close()
        self.assertEqual([text for text in complaints if not (expected and re.search(expected, text))], [])

    def open(self, page, address):
        # Another address after the # alone would be the same page for the browser, and the heading that of the one before.
        page.goto("about:blank")
        page.goto(f"{self.stand.url}#{address}")
        expect(page.locator("main h1")).to_be_attached()

    def sign_in(self, page, role):
        self.open(page, "/sign-in")
        page.get_by_label("Token").fill(self.stand.tokens[role])
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#who")).to_contain_text(f"test {role}")

    def judge(self, page, name):
        found = page.evaluate(JUDGE)
        for violation in AXE.run(page, options=RULES).response["violations"]:
            found += [f"{violation['id']} of {node['html'][:120]}: {node['failureSummary']}" for node in violation["nodes"]]
        self.assertEqual(found, [], name)

    def picture(self, page, name, whole=True):
        if PICTURES:
            pathlib.Path(PICTURES).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{PICTURES}/{name}.png", full_page=whole)


class Looks(PageTests):
    def test_every_page_can_be_read_and_named_in_both_schemes_and_widths(self):
        for width, scheme in MODES:
            with self.page(width, scheme, reduced_motion="reduce") as page:
                for name, address in PAGES.items():
                    with self.subTest(page=name, width=width, scheme=scheme):
                        self.open(page, address)
                        self.judge(page, name)
                        self.picture(page, f"{name}-{width}-{scheme}")

    def test_motion_is_only_for_who_wants_it(self):
        for motion, names in [("no-preference", "breathe"), ("reduce", "none")]:
            with self.page(reduced_motion=motion) as page:
                self.open(page, PAGES["running"])
                mark = page.locator(".node.is-running .mark")
                self.assertEqual(mark.evaluate("element => getComputedStyle(element).animationName"), names)

    def test_a_filter_and_the_pages_above_lead_where_they_say(self):
        with self.page() as page:
            self.open(page, "/runs")
            page.get_by_role("link", name="Failed", exact=True).click()
            expect(page.locator(".run")).to_have_count(1)
            expect(page.locator(".run")).to_contain_text("deploy-staging failed")
            page.locator(".run").click()
            expect(page.locator("main h1")).to_contain_text("release")
            page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Runs").click()
            expect(page.locator(".run")).not_to_have_count(1)

    def test_two_releases_are_compared_and_others_can_be_chosen(self):
        with self.page() as page:
            self.open(page, "/environments/production")
            page.get_by_role("link", name=re.compile("^What changed with")).first.click()
            expect(page.locator("main h1")).to_have_text("What changed in production")
            page.get_by_label("From", exact=True).select_option("1rya04shop")
            page.get_by_label("To", exact=True).select_option("1rya08shop")
            expect(page.get_by_role("region", name="Name, before and after")).to_contain_text("LOG_LEVEL")
            expect(page.locator("main")).to_contain_text("20261108093000_change_8.sql")
            expect(page.locator("main")).to_contain_text("blocks a rollback")

    def test_a_rollback_names_the_command_or_what_blocks_it(self):
        with self.page() as page:
            self.open(page, PAGES["rollback"])
            expect(page.locator(".typed").first).to_have_text("shipit rollback production")
            self.open(page, PAGES["blocked"])
            expect(page.locator(".notice")).to_contain_text("20261108093000_change_8.sql")

    def test_a_run_tells_what_its_stages_cost_and_which_held_it_up(self):
        with self.page() as page:
            self.open(page, PAGES["failed"])
            expect(page.locator("#stage-build-api .stage-cost")).to_contain_text("usually")
            expect(page.locator("#stage-deploy-staging .stage-cost")).to_contain_text("% of the longest way")
            expect(page.locator(".edge.critical").first).to_be_attached()
            expect(page.locator(".node.critical[data-name=deploy-staging]")).to_be_attached()
            self.open(page, PAGES["running"])
            expect(page.locator(".stage-row").first).to_be_attached()
            expect(page.locator(".critical")).to_have_count(0)

    def test_an_approval_lists_the_commits_that_it_brings(self):
        with self.page() as page:
            self.open(page, PAGES["approval"])
            expect(page.locator(".commit-list li")).to_have_count(2)
            expect(page.locator(".commit-list")).to_contain_text("Orders can be paid by invoice")
            expect(page.locator(".commit-list")).to_contain_text("Anna Larsen")

    def test_what_machines_named_is_unfolded_by_key_and_by_touch_and_stays_so(self):
        with self.page() as page:
            self.open(page, PAGES["approval"])
            short = page.locator(".facts summary").first
            short.focus()
            page.keyboard.press("Enter")
            whole = page.locator(".facts .whole").first
            expect(whole).to_have_text(re.compile("^[0-9a-f]{64}$"))
            expect(whole).to_be_visible()
            self.assertIn(short.text_content(), whole.text_content())
            page.locator(".before summary").first.focus()
            page.evaluate("() => dispatchEvent(new Event('changed'))")
            page.wait_for_function("whole => !whole.isConnected", arg=whole.element_handle())
            expect(page.locator(".folded[open]")).to_have_count(1)
            expect(whole).to_be_visible()
            expect(page.locator(".before summary").first).to_be_focused()
            whole.click()
            self.assertEqual(page.evaluate("() => getSelection().toString()"), whole.text_content())
        with self.page(360, has_touch=True, is_mobile=True) as page:
            self.open(page, PAGES["approval"])
            for short in page.locator(".folded summary").all():
                short.tap()
            expect(page.locator(".folded[open]")).to_have_count(page.locator(".folded").count())
            expect(page.locator(".before .whole").first).to_have_text(re.compile("@sha256:[0-9a-f]{64}$"))
            self.judge(page, "unfolded")

    def test_the_names_of_stages_keep_clear_of_their_frames(self):
        with self.page() as page:
            self.open(page, PAGES["waiting"])
            rooms = page.evaluate("""async () => {
                const { graphView } = await import('/graphview.js');
                const names = ['w'.repeat(14), 'W'.repeat(40), 'i'.repeat(64)];
                const stages = names.map((name) => ({ name, state: 'pending', after: [], isWanted: true }));
                const { element } = graphView(stages, () => {});
                document.querySelector('main').append(element);
                return [...document.querySelectorAll('.node')].map((node) => ({
                    name: node.dataset.name, whole: node.querySelector('title')?.textContent ?? node.querySelector('.name').textContent,
                    room: node.querySelector('.frame').width.baseVal.value - 36 - node.querySelector('.name').getComputedTextLength() }));
            }""")
            self.assertEqual([room for room in rooms if room["room"] < 8 or room["name"] != room["whole"]], [])

    def test_what_was_changed_by_hand_is_told_with_who_saw_it(self):
        with self.page() as page:
            self.open(page, PAGES["overview"])
            expect(page.locator(".environment").filter(has_text="production")).to_contain_text("Changed by hand: web")
            self.open(page, PAGES["environment"])
            expect(page.locator(".facts")).to_contain_text("1 changed")
            self.open(page, PAGES["held"])
            expect(page.locator(".facts")).to_contain_text("nobody has recorded a look since this release")

    def test_what_is_not_there_is_said(self):
        with self.page(expected="404") as page:
            page.goto(f"{self.stand.url}#/runs/nothing")
            expect(page.locator("main")).to_contain_text("The ledger knows no run 'nothing'.")
            link = page.get_by_role("link", name="Back to the overview")
            link.focus()
            with page.expect_response("**/api/runs/nothing"):
                pass
            page.evaluate("() => new Promise((done) => setTimeout(done))")
            expect(link).to_be_focused()
            self.judge(page, "not there")
            page.goto(f"{self.stand.url}#/nowhere")
            expect(page.locator("main")).to_contain_text("There is no such page.")


    def test_what_the_control_plane_puts_off_is_no_lost_connection_and_is_asked_again_when_it_said(self):
        for status, words in [(429, "More was asked from here than the control plane answers at once"), (503, "The control plane cannot answer now")]:
            with self.subTest(status=status), self.page(expected=str(status)) as page:
                self.open(page, PAGES["runs"])
                asked = []

                def put_off(route):
                    asked.append(time.monotonic())
                    route.fulfill(status=status, headers={"Retry-After": "4"}, content_type="application/problem+json", body="{}")

                page.route("**/api/runs?*", put_off)
                expect(page.locator("#connection")).to_have_text(re.compile(rf"^{words}: asked again in 4 s\. Shown is what was known at "))
                expect(page.locator(".run").first).to_be_visible()
                with page.expect_response("**/api/runs?*"):
                    page.evaluate("() => dispatchEvent(new Event('online'))")
                self.assertGreater(asked[1] - asked[0], 3.9)
                page.unroute("**/api/runs?*")
                expect(page.locator("#connection")).to_have_text("Up to date")


class Keyboard(PageTests):
    def focused(self, page):
        return page.evaluate("() => document.activeElement.dataset.name ?? document.activeElement.id ?? ''")

    def test_reaches_every_stage_of_the_graph_and_its_details(self):
        with self.page() as page:
            self.open(page, PAGES["failed"])
            page.keyboard.press("Tab")
            self.assertEqual(page.evaluate("() => document.activeElement.className"), "skip")
            for _ in range(30):
                page.keyboard.press("Tab")
                if self.focused(page) == "deploy-staging":
                    break
            self.assertEqual(self.focused(page), "deploy-staging")
            for key, name in [("ArrowUp", "migrate-staging"), ("ArrowUp", "build-api"), ("ArrowRight", "build-web"),
                              ("ArrowLeft", "build-api"), ("ArrowDown", "migrate-staging"), ("ArrowDown", "deploy-staging")]:
                page.keyboard.press(key)
                self.assertEqual(self.focused(page), name)
            expect(page.locator(".edge.lit").first).to_be_attached()
            before = page.locator(".canvas > g").get_attribute("transform")
            page.keyboard.press("+")
            self.assertNotEqual(page.locator(".canvas > g").get_attribute("transform"), before)
            page.keyboard.press("0")
            self.assertEqual(page.locator(".canvas > g").get_attribute("transform"), before)
            page.keyboard.press("Enter")
            self.assertEqual(self.focused(page), "stage-deploy-staging")


class Live(PageTests):
    scenes = ()

    def begin(self, run):
        self.stand.tell("begin", run)
        return f"/runs/{run}"

    def test_a_run_is_followed_as_it_happens(self):
        with self.page() as page:
            self.open(page, self.begin("live000001"))
            expect(page.locator("#connection")).to_have_text("Live")
            expect(page.locator(".node.is-running")).to_have_count(2)
            for done in [2, 3, 4, 5]:
                self.stand.tell("step", "live000001")
                expect(page.locator(".node.is-succeeded")).to_have_count(done, timeout=1500)
                expect(page.locator(".stage-row.is-succeeded")).to_have_count(done)
            self.stand.tell("step", "live000001")
            expect(page.locator(".approval")).to_contain_text("waiting for approval")

    def test_the_place_of_the_keyboard_outlives_what_happens(self):
        with self.page() as page:
            self.open(page, self.begin("live000002"))
            node = page.locator("[data-name=build-web]")
            node.focus()
            self.stand.tell("step", "live000002")
            expect(node).to_have_class(re.compile("is-succeeded"))
            expect(node).to_be_focused()

    def test_a_lost_connection_is_said_and_mended_without_a_gap(self):
        with self.page(expected="Failed to load|ERR_|50[0-9]") as page:
            self.open(page, self.begin("live000003"))
            expect(page.locator("#connection")).to_have_text("Live")
            self.stand.stop("api")
            expect(page.locator("#connection")).to_contain_text("Connection lost. Shown is what was known at")
            self.picture(page, "connection-lost")
            for _ in range(3):
                self.stand.tell("step", "live000003")
            self.stand.start_api()
            expect(page.locator(".node.is-succeeded")).to_have_count(4)
            expect(page.locator("#connection")).to_have_text("Live", timeout=20_000)
            self.stand.tell("step", "live000003")
            expect(page.locator(".node.is-succeeded")).to_have_count(5, timeout=1500)

    def test_without_a_stream_the_run_is_asked_for_again(self):
        with self.page(expected="Failed to load|ERR_") as page:
            page.route("**/stream?after=*", lambda route: route.abort())
            self.open(page, self.begin("live000004"))
            expect(page.locator("#connection")).to_have_text("Not live: asked again every 2 s")
            self.stand.tell("step", "live000004")
            expect(page.locator(".node.is-succeeded")).to_have_count(2)


class Logs(PageTests):
    # Nobody drives these runs, and admins may bring in what others printed.
    scenes, tokens = (), ("admin",)

    def begin(self, page, run):
        """Opens a run whose `build-api` is under way, and what that printed; answers the row of the stage."""
        self.stand.tell("begin", run)
        self.open(page, f"/runs/{run}")
        row = page.locator("#stage-build-api")
        row.get_by_role("button", name="Output of build-api").click()
        return row

    def grow(self, run, offset, text):
        return self.stand.grow(run, "build-api", offset, text.encode(), "admin")

    def test_what_a_stage_prints_is_followed_as_it_comes(self):
        with self.page() as page:
            row = self.begin(page, "logs000001")
            log = row.locator(".log-text")
            expect(row.locator(".log-state")).to_have_text("Nothing printed yet.")
            end = self.grow("logs000001", 0, "\x1b[32mStep 1/4\x1b[0m : FROM swift\n<b>bold</b> 漢字\n")
            expect(log).to_have_text("Step 1/4 : FROM swift\n<b>bold</b> 漢字", use_inner_text=True)
            end = self.grow("logs000001", end, "10 %\r 50 %\r100 %\r\nlast")
            expect(log).to_have_text("Step 1/4 : FROM swift\n<b>bold</b> 漢字\n100 %\nlast", use_inner_text=True)
            expect(row.locator(".log-state")).to_contain_text("following")
            self.judge(page, "log")
            # What grows is not told to who listens, but that it goes on is.
            told = row.locator("[role=status]")
            expect(told).to_have_text("Following.")
            told.evaluate("told => { new MutationObserver(() => { told.dataset.isTold = 'yes'; }).observe(told, { childList: true, characterData: true, subtree: true }); }")
            size = row.locator(".log-state").text_content()
            end = self.grow("logs000001", end, " and")
            expect(row.locator(".log-state")).not_to_have_text(size)
            self.assertIsNone(told.get_attribute("data-is-told"))
            # What the stage comes to is told beside it, and the log stays where it was.
            log.focus()
            self.stand.tell("step", "logs000001")
            expect(row).to_have_class(re.compile("is-succeeded"))
            expect(log).to_be_focused()
            self.grow("logs000001", end, " words\n")
            expect(log).to_contain_text("last and words")
            expect(row.locator(".log-state")).not_to_contain_text("following", timeout=15_000)
            expect(told).to_have_text("That is all.")

    def test_a_long_one_is_read_from_its_end_and_its_place_is_kept(self):
        with self.page() as page:
            lines = "".join(f"line {number}\n" for number in range(100_000))
            self.stand.tell("begin", "logs000002")
            end = self.grow("logs000002", 0, lines)
            self.open(page, "/runs/logs000002")
            row = page.locator("#stage-build-api")
            row.get_by_role("button", name="Output of build-api").click()
            log = row.locator(".log-text")
            expect(log).to_contain_text("line 99999")
            expect(row.locator(".log-state")).to_contain_text(re.compile(r"The last 256 KiB of 1\.0 MiB"))
            self.assertRegex(log.text_content().split("\n")[0], r"^line \d+$")
            self.assertTrue(log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight < 2"), "it shows the end")
            # Whoever reads further up is not carried away.
            log.evaluate("log => { log.scrollTop = 1000 }")
            expect(row.get_by_role("button", name="Newest")).to_be_visible()
            self.grow("logs000002", end, "something new\n")
            expect(log).to_contain_text("something new")
            self.assertEqual(log.evaluate("log => log.scrollTop"), 1000)
            row.get_by_role("button", name="Newest").click()
            expect(row.get_by_role("button", name="Newest")).to_be_hidden()
            with page.context.expect_page() as opened:
                row.get_by_role("link", name="Whole log").click()
            expect(opened.value.locator("body")).to_contain_text("line 0\nline 1\n")
            self.picture(page, "log", whole=False)

    def test_one_line_without_an_end_is_drawn_like_many(self):
        for run, before in [("logs000005", ""), ("logs000006", "10 %\r")]:
            with self.subTest(before=before), self.page() as page:
                self.stand.tell("begin", run)
                self.grow(run, 0, before + "x" * (256 * 1024 - 20) + "its end")
                self.open(page, f"/runs/{run}")
                row = page.locator("#stage-build-api")
                row.get_by_role("button", name="Output of build-api").click()
                expect(row.locator(".log-text")).to_contain_text("its end")
                expect(row.locator(".log-text")).to_have_text(re.compile("^x"))
                # It answers at all: what is slow for each character of a line keeps the page from everything else.
                row.get_by_role("button", name="Output of build-api").click()
                expect(row.locator(".log-text")).to_have_count(0)

    def test_a_lost_connection_leaves_no_gap_in_it(self):
        with self.page(expected="Failed to load|ERR_|50[0-9]") as page:
            row = self.begin(page, "logs000003")
            end = self.grow("logs000003", 0, "one\n")
            expect(row.locator(".log-text")).to_have_text("one", use_inner_text=True)
            self.stand.stop("api")
            expect(row.locator(".log-state")).to_contain_text("connection is lost")
            self.stand.start_api()
            self.grow("logs000003", end, "two\n")
            expect(row.locator(".log-text")).to_have_text("one\ntwo", use_inner_text=True, timeout=20_000)

    def test_that_nothing_is_kept_of_it_is_said(self):
        with self.page(expected="404") as page:
            row = self.begin(page, "logs000007")
            expect(row.locator(".log-state")).to_have_text("Nothing printed yet.")
            # What the API says of a run that was removed meanwhile.
            page.route("**/stages/build-api/log?*", lambda route: route.fulfill(status=404))
            expect(row.locator(".log-state")).to_have_text("Nothing is kept here of what it printed.")
            expect(row.get_by_role("link", name="Whole log")).to_be_hidden()

    def test_looks_like_the_rest_in_both_schemes_and_widths(self):
        self.stand.tell("begin", "logs000004")
        self.grow("logs000004", 0, "".join(f"#{number} [builder {number}/9] RUN swift build --product api\n" for number in range(9)))
        for width, scheme in MODES:
            with self.page(width, scheme, reduced_motion="reduce") as page:
                self.open(page, "/runs/logs000004")
                row = page.locator("#stage-build-api")
                row.get_by_role("button", name="Output of build-api").click()
                expect(row.locator(".log-text")).to_contain_text("builder 8/9")
                self.judge(page, f"log at {width}, {scheme}")
                self.picture(page, f"log-{width}-{scheme}")


class Decisions(PageTests):
    reading, tokens = "token", ("release-manager", "developer")

    def test_nothing_is_shown_without_a_token_and_all_with_one(self):
        with self.page(expected="40[01]") as page:
            page.goto(self.stand.url)
            expect(page.locator("main")).to_contain_text("What this service shows is for people with a token.")
            self.judge(page, "sign in")
            page.get_by_label("Token").fill("shipit_abcdefghijklm_" + "0" * 64)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("alert")).to_contain_text("does not know this token")
            page.get_by_label("Token").fill(self.stand.tokens["developer"])
            page.keyboard.press("Enter")
            expect(page.locator("#environments")).to_be_visible()
            cookies = page.context.cookies()
            self.assertEqual([(c["name"], c["httpOnly"], c["sameSite"]) for c in cookies], [("shipit", True, "Strict")])
            self.assertEqual(page.evaluate("() => document.cookie"), "")
            page.get_by_role("button", name="Sign out").click()
            expect(page.locator("main")).to_contain_text("for people with a token")
            self.assertEqual(page.context.cookies(), [])

    def test_who_is_signed_out_meanwhile_asks_nothing_until_they_do_something(self):
        with self.page(expected="401") as page:
            page.clock.install()
            self.sign_in(page, "developer")
            self.open(page, PAGES["overview"])
            page.context.clear_cookies()
            page.clock.run_for(3_000)
            expect(page.locator("main")).to_contain_text("for people with a token")
            expect(page.get_by_role("link", name="Sign in")).to_be_visible()
            asked = []
            page.on("request", lambda request: asked.append(request.url))
            for _ in range(10):
                page.clock.run_for(60_000)
                page.evaluate("async () => { await fetch('health'); }")
            self.assertEqual([url for url in asked if "/api/" in url], [])
            # Somebody signed in on another page of theirs.
            other = page.context.new_page()
            self.sign_in(other, "developer")
            page.locator("main h1").click()
            expect(page.locator("#environments")).to_be_visible()
            expect(page.locator("#who")).to_contain_text("test developer")

    def test_who_may_not_decide_is_told_why(self):
        with self.page(expected="40[13]") as page:
            self.sign_in(page, "developer")
            self.open(page, PAGES["approval"])
            expect(page.locator("main")).to_contain_text("has the role developer, which may not do this. It takes the role release-manager or admin.")
            expect(page.get_by_role("button", name="Approve")).to_have_count(0)
            # The page is no wall: the API is.
            status = page.evaluate("""async (run) => (await fetch(`api/runs/${run}/approval`, { method: 'POST',
                headers: { 'Content-Type': 'application/json', 'X-Shipit-Page': '1' },
                body: JSON.stringify({ decision: 'approve', change: '0'.repeat(64) }) })).status""", waiting)
            self.assertEqual(status, 403)

    def test_a_change_is_approved_and_the_ledger_has_it(self):
        self.stand.tell("begin", "live00000a")
        for _ in range(5):
            self.stand.tell("step", "live00000a")
        with self.page(expected="401") as page:
            self.sign_in(page, "release-manager")
            self.open(page, "/runs/live00000a/approval/approve-production")
            page.get_by_label("Reason").fill("looked at it")
            self.picture(page, "approving")
            page.get_by_role("button", name="Approve").click()
            expect(page.locator("main")).to_contain_text("This change was approved.")
        events = self.stand.ask("runs/live00000a/events?limit=200", "developer")["events"]
        approved = [event for event in events if "approved" in event["event"]]
        self.assertEqual([(event["by"], event["event"]["approved"]["comment"]) for event in approved],
                         [("test release-manager", "looked at it")])

    def test_a_change_is_rejected_with_a_reason_and_not_without(self):
        self.stand.tell("begin", "live00000b")
        for _ in range(5):
            self.stand.tell("step", "live00000b")
        with self.page(expected="401") as page:
            self.sign_in(page, "release-manager")
            self.open(page, "/runs/live00000b/approval/approve-production")
            page.get_by_role("button", name="Reject").click()
            expect(page.get_by_role("alert")).to_contain_text("Say why")
            expect(page.get_by_label("Reason")).to_be_focused()
            page.keyboard.type("not before Monday")
            page.get_by_role("button", name="Reject").click()
            expect(page.locator("main h1 + .label")).to_have_text("failed")
        self.assertEqual(self.stand.ask("runs/live00000b", "developer")["status"], "failed")

    def test_what_was_typed_outlives_a_page_that_is_drawn_anew(self):
        with self.page(expected="401") as page:
            self.sign_in(page, "release-manager")
            self.open(page, "/environments/production")
            page.get_by_text("Stop deploys by a hold").click()
            page.get_by_label("Reason").fill("orders are")
            page.evaluate("() => dispatchEvent(new Event('changed'))")
            page.wait_for_timeout(300)
            expect(page.get_by_label("Reason")).to_have_value("orders are")
            expect(page.get_by_label("Reason")).to_be_focused()
            page.keyboard.type(" slow")
            page.get_by_role("button", name="Hold", exact=True).click()
            expect(page.locator(".hold")).to_contain_text("On hold: orders are slow")
            self.assertEqual(self.stand.ask("environments/production", "developer")["hold"]["by"], "test release-manager")
            page.get_by_text("Lift the hold").first.click()
            page.get_by_label("Reason").fill("orders are well: 100 %")
            page.get_by_role("button", name="Lift the hold").click()
            expect(page.locator(".hold")).to_have_count(0)
        self.assertNotIn("hold", self.stand.ask("environments/production", "developer"))

    def test_a_run_is_cancelled(self):
        self.stand.tell("begin", "live00000c")
        for _ in range(5):
            self.stand.tell("step", "live00000c")
        with self.page(expected="401") as page:
            self.sign_in(page, "developer")
            self.open(page, "/runs/live00000c")
            page.get_by_text("Cancel this run").click()
            page.get_by_label("Reason").fill("superseded")
            page.get_by_role("button", name="Cancel the run").click()
            expect(page.locator("main .title .label")).to_have_text("cancelled")


class Empty(PageTests):
    scenes = ("empty",)

    def test_says_how_to_begin(self):
        with self.page(360, "dark") as page:
            self.open(page, "/")
            expect(page.locator("main")).to_contain_text("shipit deploy staging")
            self.judge(page, "empty")
            self.picture(page, "empty-360-dark")
            for address in ["/runs", "/figures"]:
                self.open(page, address)
                self.judge(page, address)


class Large(PageTests):
    scenes = ("wide", "many")

    def test_a_thousand_stages_are_placed_at_once_and_walked_through(self):
        with self.page() as page:
            self.open(page, "/runs/wide000001")
            expect(page.locator(".node")).to_have_count(1001)
            self.picture(page, "thousand-stages", whole=False)
            times = page.evaluate("""async () => {
                const { layout } = await import('/graph.js');
                const { stages } = await (await fetch('api/runs/wide000001')).json();
                return [0, 1, 2].map(() => { const begun = performance.now(); layout(stages, { along: 100, across: 50 }); return performance.now() - begun; });
            }""")
            self.assertLess(min(times), 200, times)
            node = page.locator(".node.is-running").first
            node.focus()
            page.keyboard.press("ArrowRight")
            self.assertEqual(page.evaluate("() => document.activeElement.dataset.name.split('-')[1]"), "22")
            page.keyboard.press("Enter")
            expect(page.locator(".stage-row:focus")).to_be_in_viewport()

    def test_ten_thousand_runs_are_paged_through(self):
        with self.page() as page:
            self.open(page, "/runs")
            expect(page.locator(".run")).to_have_count(50)
            first = page.locator(".run").first.get_attribute("href")
            page.get_by_role("link", name="Older").click()
            expect(page.locator(".run").first).not_to_have_attribute("href", first)
            page.get_by_role("link", name="Under way").click()
            expect(page.locator(".run-state").first).to_have_text("running")
            expect(page.locator(".run")).to_have_count(50)
            self.assertEqual(set(page.locator(".run-state").all_text_contents()), {"running"})
            self.picture(page, "ten-thousand-runs")


class Hurry(PageTests):
    scenes = ("wide",)

    def test_a_run_is_seen_to_move_while_more_happens_than_can_be_asked_for(self):
        with self.page() as page, self.stand.talking("wide000001", 0.03) as step:
            asked = []
            page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/api/runs/wide000001") else None)
            self.open(page, "/runs/wide000001")
            done = page.locator(".stage-row.is-succeeded")
            for layer in [22, 23]:
                before = done.count()
                step()
                expect(page.locator(f"#stage-shard-{layer}-0")).to_have_class(re.compile("is-running"))
                self.assertGreater(done.count(), before)
            # What is under way when somebody leaves is nobody's business any more.
            page.evaluate("() => { location.hash = '#/runs'; }")
            expect(page.locator("main h1")).to_have_text("Runs")
            count = len(asked)
            page.get_by_role("link", name="Failed", exact=True).click()
            expect(page.get_by_role("link", name="Failed", exact=True)).to_have_attribute("aria-current", "true")
            self.assertEqual(len(asked), count)


if __name__ == "__main__":
    unittest.main(verbosity=2)
