//! `split`: a change as several migrations, with programs from before and after it on the database meanwhile.

use server_test::server_test;

use crate::stand::{DATASOURCE, Database, Folder};

/// A project with rows in its database; what else the history makes is deployed behind the models.
fn with_rows(name: &str, models: &str, else_made: &str, rows: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project = Folder::new(models, &[]).on(&database);
    project.run("migrate dev --name init").ended(0);
    if !else_made.is_empty() {
        project.write("prisma/migrations/20300101000000_else/migration.sql", else_made);
        project.run("migrate deploy").ended(0);
    }
    database.run(rows);
    (project, database)
}

/// What a split wrote.
struct Split<'a> {
    project: &'a Folder,
    database: &'a Database,
    names: Vec<String>,
}

impl<'a> Split<'a> {
    /// Splits the way to these models.
    fn new(stand: &'a (Folder, Database), models: &str, flags: &str) -> Self {
        let (project, database) = stand;
        let before = folders(project);
        project.write("prisma/schema.prisma", format!("{DATASOURCE}{models}"));
        project.run(&format!("split --name cut {flags}")).ended(0);
        let names = folders(project).into_iter().filter(|name| !before.contains(name)).collect();
        Self { project, database, names }
    }

    fn script(&self, name: &str) -> String {
        self.project.read(&format!("prisma/migrations/{name}/migration.sql"))
    }

    /// Deploys the first ones, up to the one whose name ends so, and no others.
    fn deploy_through(&self, part: &str) {
        let last = self.names.iter().rposition(|name| name.ends_with(part)).unwrap();
        let later = self.names.get(last + 1..).unwrap();
        let at = |name: &String| self.project.path(&format!("prisma/migrations/{name}"));
        let aside = |name: &String| self.project.path(&format!("prisma/{name}"));
        for name in later {
            std::fs::rename(at(name), aside(name)).unwrap();
        }
        self.project.run("migrate deploy").ended(0);
        for name in later {
            std::fs::rename(aside(name), at(name)).unwrap();
        }
    }

    /// Deploys the rest: the database is then what the schema says.
    fn finish(&self) {
        self.project.run("migrate deploy").ended(0);
        self.project.run("status").ended(0);
        let left = "SELECT proname FROM pg_proc WHERE proname LIKE '%undrift%'";
        assert_eq!(self.database.ask(left), [""; 0]);
    }
}

fn folders(project: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(project.path("prisma/migrations")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "migration_lock.toml").collect();
    names.sort();
    names
}

const USER: &str = "\nmodel User {\n  id Int @id\n  name String\n\n  @@index([name])\n}\n";
const VIEWS: &str = "CREATE ROLE split_reader; CREATE VIEW names AS SELECT id, name FROM \"User\";\n\
    COMMENT ON VIEW names IS 'who'; GRANT SELECT ON names TO split_reader;\n\
    CREATE VIEW long_names AS SELECT id FROM names WHERE length(name) > 1;\n";

#[server_test]
fn a_renamed_column_has_both_names_meanwhile() {
    let rows = "INSERT INTO \"User\" SELECT i, 'n' || i FROM generate_series(1, 2500) i";
    let views = VIEWS.replace("CREATE ROLE split_reader;", "").replace("split_reader", "public");
    let stand = with_rows("split_rename", USER, &views, rows);
    let split = Split::new(
        &stand,
        &USER.replace("name String", "title String").replace("([name])", "([title])"),
        "--rename User.name:title --batch 1000 --pause 0",
    );
    split.deploy_through("_cut");
    let database = split.database;
    let row = |id: i32| format!("SELECT name || '|' || title FROM \"User\" WHERE id = {id}");
    // Programs of both sorts add and change rows, those that were filled and those that were not.
    database.run("INSERT INTO \"User\" (id, name) VALUES (9001, 'old')");
    database.run("INSERT INTO \"User\" (id, title) VALUES (9002, 'new')");
    database.run("UPDATE \"User\" SET name = 'by old' WHERE id = 1");
    assert_eq!(database.ask(&row(9001)), ["old|old"]);
    assert_eq!(database.ask(&row(9002)), ["new|new"]);
    split.deploy_through("backfill_title");
    database.run("UPDATE \"User\" SET title = 'by new' WHERE id = 2");
    database.run("UPDATE \"User\" SET title = title WHERE id = 3");
    assert_eq!(database.ask(&row(1)), ["by old|by old"]);
    assert_eq!(database.ask(&row(2)), ["by new|by new"]);
    let out_of_step = "SELECT count(*) FROM \"User\" WHERE name IS DISTINCT FROM title";
    assert_eq!(database.ask(out_of_step), ["0"]);
    split.finish();
    assert_eq!(database.ask("SELECT count(title) FROM \"User\""), ["2502"]);
    assert_eq!(database.ask("SELECT name FROM names WHERE id = 9002"), ["new"]);
    assert_eq!(database.ask("SELECT obj_description('names'::regclass)"), ["who"]);
    let may = "SELECT has_table_privilege('public', 'names', 'SELECT')";
    assert_eq!(database.ask(may), ["t"]);
}

#[server_test]
fn a_renamed_table_keeps_its_former_name_as_a_view() {
    let stand = with_rows("split_table", USER, "", "INSERT INTO \"User\" VALUES (1, 'a')");
    let split =
        Split::new(&stand, &USER.replace("model User", "model Person"), "--rename User:Person");
    split.deploy_through("_cut");
    let database = split.database;
    database.run("INSERT INTO \"User\" VALUES (2, 'b') ON CONFLICT DO NOTHING");
    database.run("UPDATE \"User\" SET name = 'c' WHERE id = 1; DELETE FROM \"User\" WHERE id = 2");
    assert_eq!(database.ask("SELECT id || name FROM \"Person\""), ["1c"]);
    split.finish();
}

const ORDER: &str = "
model Customer {
  id Int @id @default(autoincrement())
  orders Order[]
}

model Order {
  id Int @id @default(autoincrement())
  customerId Int @unique
  customer Customer @relation(fields: [customerId], references: [id])
  amount String
}
";

#[server_test]
fn keys_get_another_type_beside_and_change_places() {
    let rows = "INSERT INTO \"Customer\" SELECT FROM generate_series(1, 30);
        INSERT INTO \"Order\" (\"customerId\", amount) SELECT i, i || '.50' FROM generate_series(1, 30) i";
    let made = "CREATE MATERIALIZED VIEW sums AS SELECT \"customerId\", amount FROM \"Order\";
        CREATE UNIQUE INDEX sums_key ON sums (\"customerId\");";
    let stand = with_rows("split_type", ORDER, made, rows);
    let desired = ORDER.replace("Id Int", "Id BigInt").replace("id Int", "id BigInt");
    let desired = desired.replace("amount String", "amount Int");
    let json = {
        let (project, _) = &stand;
        project.write("prisma/schema.prisma", format!("{DATASOURCE}{desired}"));
        project.run("split --name cut --json").ended(130).json()
    };
    assert_eq!(json["error"]["questions"][0]["id"], "cast:Order.amount");
    let split = Split::new(
        &stand,
        &desired,
        "--cast Order.amount=round(amount::numeric*100)::int --batch 7",
    );
    assert!(!split.names.iter().any(|name| split.script(name).contains("CASCADE;")));
    split.deploy_through("validate");
    let database = split.database;
    // Old programs are at work until the end.
    database.run("INSERT INTO \"Customer\" DEFAULT VALUES");
    database.run("INSERT INTO \"Order\" (\"customerId\", amount) VALUES (31, '7')");
    split.finish();
    let amounts = "SELECT amount FROM \"Order\" WHERE id IN (2, 31) ORDER BY id";
    assert_eq!(database.ask(amounts), ["250", "700"]);
    // The sequence goes on.
    database.run("INSERT INTO \"Customer\" DEFAULT VALUES");
    assert_eq!(database.ask("SELECT max(id) FROM \"Customer\""), ["32"]);
    let r#type = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = '\"Order\"'::regclass AND attname = 'customerId'";
    assert_eq!(database.ask(r#type), ["bigint"]);
}

const TASK: &str = "\nenum State {\n  DRAFT\n  OPEN\n  DONE\n}\n
model Task {\n  id Int @id\n  state State @default(DRAFT)\n  was State?\n  all State[]\n}\n";

#[server_test]
fn labels_leave_an_enum_type_and_rows_get_others() {
    let rows = "INSERT INTO \"Task\" (id, state, was, \"all\") VALUES (1, 'DRAFT', 'DRAFT', '{DRAFT,DONE}'),
        (2, 'OPEN', 'OPEN', '{}'), (3, 'DONE', NULL, '{}')";
    let stand = with_rows("split_labels", TASK, "", rows);
    let desired = TASK.replace("  DRAFT\n", "  NEW\n").replace("(DRAFT)", "(NEW)");
    let (project, _) = &stand;
    project.write("prisma/schema.prisma", format!("{DATASOURCE}{desired}"));
    project.run("split --name cut --rename State.DRAFT=x").ended(1);
    project
        .run("split --name cut --answer rename:State.NEW=no --map State.DRAFT=GONE")
        .ended(1)
        .complains("State will have NEW, OPEN, DONE");
    project
        .run("split --name cut --answer rename:State.NEW=no --map State.DRAFT=null")
        .ended(1)
        .complains("Task.state takes no null");
    let split = Split::new(&stand, &desired, "--rename State.DRAFT:NEW");
    split.deploy_through("backfill_all_new");
    let database = split.database;
    database.run(
        "INSERT INTO \"Task\" (id) VALUES (4); INSERT INTO \"Task\" (id, state) VALUES (5, 'NEW')",
    );
    split.finish();
    let rows = "SELECT concat_ws(' ', id, state, was, \"all\") FROM \"Task\" ORDER BY id";
    assert_eq!(
        database.ask(rows),
        ["1 NEW NEW {NEW,DONE}", "2 OPEN OPEN {}", "3 DONE {}", "4 NEW", "5 NEW"]
    );
}

const HOME: &str = "
model Person {
  id Int @id
  street String
  home Home?
}

model Home {
  id Int @id
  personId Int @unique
  person Person @relation(fields: [personId], references: [id])
}
";

#[server_test]
fn a_column_moves_to_another_table_with_its_values() {
    let rows = "INSERT INTO \"Person\" VALUES (1, 'a'), (2, 'b'); INSERT INTO \"Home\" VALUES (10, 1), (20, 2)";
    let stand = with_rows("split_move", HOME, "", rows);
    let desired = HOME
        .replace("  street String\n", "")
        .replace("model Home {", "model Home {\n  street String");
    let (project, _) = &stand;
    project.write("prisma/schema.prisma", format!("{DATASOURCE}{desired}"));
    let json = project.run("split --name cut --json").ended(130).json();
    assert_eq!(json["error"]["questions"][0]["id"], "move:Home.street");
    project
        .run("split --name cut --move Person.nope:Home.street")
        .ended(1)
        .complains("Person.street");
    let split = Split::new(&stand, &desired, "--move Person.street:Home.street");
    split.deploy_through("backfill_street");
    let database = split.database;
    // By an old program and by a new one.
    database.run("UPDATE \"Person\" SET street = 'c' WHERE id = 1");
    database.run("UPDATE \"Home\" SET street = 'd' WHERE id = 20");
    database.run("INSERT INTO \"Person\" (id, street) VALUES (3, 'e'); INSERT INTO \"Home\" (id, \"personId\") VALUES (30, 3)");
    database
        .run("INSERT INTO \"Person\" (id) VALUES (4); INSERT INTO \"Home\" VALUES (40, 4, 'f')");
    assert_eq!(database.ask("SELECT street FROM \"Person\" ORDER BY id"), ["c", "d", "e", "f"]);
    split.finish();
    assert_eq!(database.ask("SELECT street FROM \"Home\" ORDER BY id"), ["c", "d", "e", "f"]);
}

#[server_test]
fn a_backfill_goes_on_where_it_was_broken_off() {
    let models = "\nmodel Pair {\n  a Int\n  b String\n  c Int?\n\n  @@id([a, b])\n}\n";
    let rows = "INSERT INTO \"Pair\" SELECT i % 50, 'k' || i, NULL FROM generate_series(1, 3000) i";
    let stand = with_rows("split_resume", models, "", rows);
    let split = Split::new(
        &stand,
        &models.replace("c Int?", "c Int"),
        "--fill Pair.c=a*2 --batch 100 --pause 40",
    );
    split.deploy_through("_cut");
    let database = split.database;
    let mut deploy = split.project.command("migrate deploy").spawn().unwrap();
    let filled = || database.ask("SELECT count(c) FROM \"Pair\"").remove(0).parse::<u32>().unwrap();
    let started = std::time::Instant::now();
    while filled() < 500 && started.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    deploy.kill().unwrap();
    deploy.wait().unwrap();
    let left = filled();
    assert!((500..3000).contains(&left), "{left}");
    // What a program adds without a value gets one, too.
    database.run("INSERT INTO \"Pair\" (a, b) VALUES (7, 'late')");
    split.finish();
    assert_eq!(database.ask("SELECT count(*) FROM \"Pair\" WHERE c = a * 2"), ["3001"]);
}

#[server_test]
fn a_split_that_cannot_be_proven_writes_nothing() {
    let stand = with_rows("split_refused", USER, "", "INSERT INTO \"User\" VALUES (1, 'a')");
    let (project, _) = &stand;
    let before = folders(project);
    let required = USER.replace("name String\n", "name String\n  size Int\n");
    project.write("prisma/schema.prisma", format!("{DATASOURCE}{required}"));
    project.run("split --name cut --fill User.size=nonsense(").ended(1);
    project.run("split --name cut --fill User.size").ended(1).complains("TABLE.COLUMN=EXPRESSION");
    project.run("split --name cut --batch 0").ended(1);
    assert_eq!(folders(project), before);
}
