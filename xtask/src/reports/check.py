"""Reads JUnit reports with junitparser and compares its counts with those in the file and in the result."""

import json
import pathlib
import sys

from junitparser import Error, Failure, JUnitXml, Skipped

bad = cases = 0
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    xml = JUnitXml.fromfile(str(folder / "out.xml"))
    checks = json.loads((folder / "out.json").read_text())["checks"]
    said = (xml.tests, xml.failures, xml.errors)
    found = [0, 0, 0, 0]
    for suite in xml:
        for case in suite:
            found[0] += 1
            for at, kind in ((1, Failure), (2, Error), (3, Skipped)):
                found[at] += any(isinstance(result, kind) for result in case.result)
        if suite.skipped != found[3]:
            bad += 1
            print(f"bad: {folder.name}: skipped is {suite.skipped}, and {found[3]} are")
    state = lambda name: sum(check["state"] == name for check in checks)
    failing = sum(any(issue["severity"] == "error" for issue in check["issues"]) for check in checks)
    expected = [len(checks), failing, state("unknown"), state("skipped")]
    if found != expected or list(said) != expected[:3]:
        bad += 1
        print(f"bad: {folder.name}: says {said}, has {found}, and should have {expected}")
    cases += found[0]
print(f"JUnit: {cases} cases by junitparser; {bad} bad")
sys.exit(1 if bad else 0)
