//! `report`, `erd` and `ui`: what is known as pages, that ask nobody and give nothing away.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use server_test::server_test;

use crate::secrets;
use crate::stand::{Database, Folder};

const SCHEMA: &str = "
model a {
  id Int @id
  bs b[]
}

model b {
  id  Int @id
  aId Int
  a   a   @relation(fields: [aId], references: [id])
}
";
const FIRST: &str = "CREATE TABLE a (id int PRIMARY KEY);\n";

/// A database with a table that no migration makes, and a project on it.
fn drifted(name: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project = Folder::new(SCHEMA, &[("1_a", FIRST)]).on(&database);
    project.run("migrate deploy").ended(0);
    database.run("CREATE TABLE by_hand (id int); INSERT INTO by_hand VALUES (1)");
    (project, database)
}

/// The addresses that a page would load something from.
fn loaded(page: &str) -> Vec<&str> {
    let after =
        |mark: &'static str| page.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
    let sources = after("src=\"").chain(after("url(\""));
    let links = page.split("<link ").skip(1).filter_map(|rest| rest.split('>').next());
    sources.chain(links).filter(|it| !it.starts_with("data:") && !it.contains("data:")).collect()
}

#[server_test]
fn a_report_is_one_page_that_loads_nothing() {
    let (project, _database) = drifted("looking_report");
    project.run("report -o report.html").ended(0);
    let page = project.read("report.html");
    assert_eq!(loaded(&page), [""; 0]);
    for told in ["by_hand", "1_a", "<svg", "DROP"] {
        assert!(page.contains(told), "{told}");
    }
    project.run("report --offline -o offline.html").ended(0);
    assert!(!project.read("offline.html").contains("by_hand"));
    project.run("report -o prisma/schema.prisma/x.html").ended(1).complains("x.html");
    let unreachable = "report --url postgresql://nobody@127.0.0.1:9/none -o unreachable.html";
    project.run(unreachable).complains("P1001");
}

#[server_test]
fn a_diagram_is_drawn_in_each_form() {
    let (project, _database) = drifted("looking_erd");
    for (name, begins) in [("all.svg", "<svg"), ("all.mmd", "erDiagram"), ("all.dot", "digraph")] {
        project.run(&format!("erd -o {name}")).ended(0);
        let text = project.read(name);
        assert!(
            text.contains(begins) && text.contains("aId") && !text.contains("by_hand"),
            "{text}"
        );
    }
    project.run("erd --database -o database.svg").ended(0);
    assert!(project.read("database.svg").contains("by_hand"));
    project.run("erd --changes --since database -o changes.mmd").ended(0);
    assert!(project.read("changes.mmd").contains('b'));
    assert_ne!(project.run("erd -o all.bmp").code, 0);
    assert!(!project.path("all.bmp").exists());
}

/// A server of `ui`.
struct Server {
    child: Child,
    host: String,
    token: String,
}

impl Server {
    fn start(project: &Folder, line: &str) -> Self {
        let mut child = project.command(line).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        let address = loop {
            output.read_line(&mut text).unwrap();
            if let Ok(address) = serde_json::from_str::<Value>(&text) {
                break address;
            }
        };
        let url = address.get("url").and_then(Value::as_str).unwrap();
        let (host, token) = url.trim_start_matches("http://").split_once('/').unwrap();
        Self { host: host.to_owned(), token: token.trim_end_matches('/').to_owned(), child }
    }

    /// The status of the answer, and all of it.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = std::net::TcpStream::connect(&self.host).unwrap();
        let host = if headers.contains("Host:") {
            String::new()
        } else {
            format!("Host: {}\r\n", self.host)
        };
        let form = "Content-Type: application/x-www-form-urlencoded";
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\n{host}{headers}{form}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        secrets::search("an answer of ui", answer.as_bytes());
        (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", &format!("/{}/{path}", self.token), "", "")
    }

    /// The form of a page, sent with a word, as a browser does.
    fn send(&self, page: &str, path: &str, word: &str) -> (u16, String) {
        let value = |name: &str| {
            let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
            rest.split('"').next().unwrap()
        };
        let body = format!("form={}&review={}&word={word}", value("form"), value("review"));
        let origin = format!("Origin: http://{}\r\n", self.host);
        self.ask("POST", &format!("/{}/{path}", self.token), &origin, &body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The first address in a page that has this in it, below the token.
fn link<'a>(page: &'a str, server: &Server, part: &str) -> &'a str {
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let base = format!("/{}/", server.token);
    let mut own = links.filter_map(|link| link.strip_prefix(base.as_str()));
    own.find(|link| link.contains(part)).unwrap_or_else(|| panic!("no link to {part} in {page}"))
}

#[server_test]
fn the_local_page_only_looks() {
    let (project, database) = drifted("looking_only");
    let server = Server::start(&project, "ui --json");
    let (status, home) = server.get("");
    assert_eq!(status, 200, "{home}");
    let environment = link(&home, &server, "env/");
    let (status, page) = server.get(environment);
    assert_eq!((status, page.contains("by_hand"), page.contains("<form")), (200, true, false));
    let path = format!("/{}/{environment}", server.token);
    for (path, headers) in [
        ("/", ""),
        ("/0123456789abcdef/", ""),
        (path.as_str(), "Host: evil.example\r\n"),
        (path.as_str(), "Origin: http://evil.example\r\n"),
        (path.as_str(), "Sec-Fetch-Site: cross-site\r\n"),
    ] {
        assert_eq!(server.ask("GET", path, headers, "").0, 403, "{path} {headers}");
    }
    let origin = format!("Origin: http://{}\r\n", server.host);
    assert_eq!(server.ask("POST", &format!("{path}/carry-out"), &origin, "word=x").0, 403);
    assert_eq!(server.get("env/none").0, 400);
    assert_eq!(server.get("no/such/page").0, 404);
    assert_eq!(database.tables(), ["a", "by_hand"]);
}

#[server_test]
fn what_was_reviewed_is_done_by_its_word_once() {
    let (project, database) = drifted("looking_doing");
    let server = Server::start(&project, "ui --json --allow-apply");
    let home = server.get("").1;
    let environment = link(&home, &server, "env/");
    let page = server.get(environment).1;
    let review = link(&page, &server, "way=revert").replace("&amp;", "&");
    let carry_out = format!("{environment}/carry-out");
    let shown = server.get(&review).1;
    assert!(shown.contains("DROP") && shown.contains("by_hand"), "{shown}");
    assert_eq!(server.send(&shown, &carry_out, "yes").0, 400);
    // What was shown counts once, even with the wrong word.
    assert_eq!(server.send(&shown, &carry_out, "looking_doing").0, 400);
    assert_eq!(database.tables(), ["a", "by_hand"]);
    let shown = server.get(&review).1;
    let (status, answer) =
        server.send(&shown, &carry_out, &database.ask("SELECT current_database()").concat());
    assert_eq!(status, 303, "{answer}");
    let run = answer.split(&format!("location: /{}/", server.token)).nth(1).unwrap();
    let events = format!("{}/events", run.lines().next().unwrap());
    let told = loop {
        let (_, told) = server.get(&events);
        if !told.contains("x-undrift-again") {
            break told;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(told.contains("verdict good"), "{told}");
    assert_eq!(database.tables(), ["a"]);
}
