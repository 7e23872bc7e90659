//! The table of cases in COMPATIBILITY.md is what undrift does, and what Prisma did.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use compatibility::{Case, Cases, Facts, Outcome, Release, Row, Stage, render};
use server_test::server_test;

use crate::stand::{Database, command_in, wait};

/// How many cases are tried at once: they wait for servers and processes most of the time.
const THREADS: usize = 4;

/// What undrift does in a case, in both forms of project.
fn outcomes(cases: &Cases, case: &Case, number: usize) -> BTreeMap<Release, Outcome> {
    let outcome = |release: Release| {
        let database = Database::new(&format!("case{number}_{release}"));
        let outcome = wait(async {
            let session = database.session();
            let stage = Stage::set(cases, &case.state, release, session, &database.url).await?;
            let mut command = command_in(stage.folder());
            command.args(case.words(release));
            stage.run(&mut command).await
        });
        (release, outcome.unwrap_or_else(|error| panic!("{}: {error:#}", case.key())))
    };
    Release::ALL.map(outcome).into()
}

/// What is not as it should be in a case.
fn complaints(row: &Row) -> Vec<String> {
    let mut found = Vec::new();
    let differs = row.case.differs.as_ref();
    for (release, own) in &row.undrift {
        let complain = |what: String| format!("{}, Prisma {release}: {what}", row.case.key());
        match (row.facts.get(release), differs.filter(|it| it.concerns(*release))) {
            (None, _) => found.push(complain("nothing recorded: cargo xtask facts".to_owned())),
            (Some(fact), None) if fact != own => {
                found.push(complain(format!("[{fact}], undrift [{own}]")));
            }
            (Some(_), Some(differs)) if own.exit != Some(differs.exit) => {
                found.push(complain(format!("undrift [{own}], not exit {}", differs.exit)));
            }
            (Some(fact), Some(_)) if fact == own => {
                found.push(complain(format!("no difference any more: {own}")));
            }
            (Some(_), _) => {}
        }
    }
    found
}

#[server_test]
fn cases_are_as_the_table_says() {
    let cases = Cases::read().unwrap();
    let facts: Facts = compatibility::facts().unwrap();
    let all = cases.all();
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((number, case)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    all.get(number).map(|case| (number, case))
                } {
                    let undrift = outcomes(&cases, case, number);
                    let facts = facts.get(&case.key()).cloned().unwrap_or_default();
                    let row = Row { case: case.clone(), facts, undrift };
                    rows.lock().unwrap().insert(number, row);
                }
            });
        }
    });
    let rows: Vec<Row> = rows.into_inner().unwrap().into_values().collect();
    let complaints: Vec<String> = rows.iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../COMPATIBILITY.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let rendered = render(&text, &rows).expect("the lines that the table belongs between");
    if std::env::var_os("UPDATE_CASES").is_some() {
        std::fs::write(&path, rendered).unwrap();
    } else {
        assert!(
            text == rendered,
            "the table of COMPATIBILITY.md is stale: UPDATE_CASES=1 cargo test -p undrift cases_are"
        );
    }
}
