"""findings.py REASONS REPORT: judges checkov's report in JSON by the reasons written for what it may find.

A finding needs a reason, and a reason needs a finding: one that is no longer needed would hide the next.
"""
import fnmatch
import json
import sys

import yaml

reasons = yaml.safe_load(open(sys.argv[1]))
report = json.load(open(sys.argv[2]))
wrong = []
if report["summary"]["parsing_errors"] or not report["summary"]["passed"]:
    wrong.append(f"checkov did not read the manifests: {report['summary']}")
used = set()
excused = 0
for finding in report["results"]["failed_checks"]:
    check, resource = finding["check_id"], finding["resource"]
    known = reasons.get(check, {})
    matching = [pattern for pattern in known.get("resources", []) if fnmatch.fnmatchcase(resource, pattern)]
    used.update((check, pattern) for pattern in matching)
    if matching:
        excused += 1
    else:
        wrong.append(f"{check} fails for {resource}: {finding['check_name']}")
for check, known in reasons.items():
    if not (known.get("reason") or "").strip():
        wrong.append(f"{check} has no reason in {sys.argv[1]}")
    wrong += [f"{check} is not found for {pattern} any more: remove it" for pattern in known["resources"] if (check, pattern) not in used]
for line in sorted(set(wrong)):
    print(line, file=sys.stderr)
print(f"checkov: {report['summary']['passed']} passed, {excused} excused", file=sys.stderr)
sys.exit(1 if wrong else 0)
