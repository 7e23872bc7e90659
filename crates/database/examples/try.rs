#![allow(warnings, clippy::all, clippy::pedantic)]
use database::*;
use project::*;
use std::time::{Duration, Instant};
struct P;
impl Progress for P {
    fn waiting_for_lock(&mut self, w: Duration, l: Duration, h: &[LockHolder]) {
        for h in h {
            println!("waiting {w:?}/{l:?}: {h}");
        }
    }
    fn statement_started(&mut self, n: &str, s: &str) {
        eprintln!("  {n}: {s}");
    }
    fn invalid_index_dropped(&mut self, n: &str, s: &str) {
        println!("  {n}: drop invalid {s}");
    }
}
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    if a[1] == "cache" {
        let mut c = catalog::Catalog::default();
        for t in 0..300 {
            let cols: Vec<String> = (0..14).map(|i| format!(r#"{{"name":"someColumnName{i}","type":{},"nullable":true,"comment":null,"collation":null,"default":null,"generated":null,"identity":null}}"#, std::env::var("TY").unwrap())).collect();
            let j = format!(
                r#"{{"name":{{"schema":"public","name":"Table{t}"}},"columns":[{}],"foreign_keys":[],"checks":[],"exclusions":[],"row_security":false,"force_row_security":false,"options":[],"inherits":[],"comment":null}}"#,
                cols.join(",")
            );
            c.insert_json(catalog::Kind::Table, &j).unwrap();
        }
        let key = cache::Key::new(
            &cache::Basis { server_major: 15, extensions: vec![], schemas: vec![] },
            &[],
        );
        cache::store(std::path::Path::new("/tmp/x/cache"), &key, &c).unwrap();
        for _ in 0..5 {
            let t = Instant::now();
            let d = cache::load(std::path::Path::new("/tmp/x/cache"), &key).unwrap();
            println!("load {:?}", t.elapsed());
            assert!(d == c);
        }
        println!(
            "{} bytes",
            std::fs::metadata(format!("/tmp/x/cache/{}.catalog", key.as_str())).unwrap().len()
        );
        return;
    }
    let url = DatabaseUrl::parse(&a[2]).unwrap();
    let mut ms = vec![];
    if let Some(dir) = a.get(3) {
        let mut names: Vec<_> = std::fs::read_dir(dir)
            .unwrap()
            .filter_map(|e| e.ok())
            .filter(|e| e.path().join("migration.sql").exists())
            .map(|e| e.file_name().into_string().unwrap())
            .collect();
        names.sort();
        for n in names {
            let script = std::fs::read_to_string(format!("{dir}/{n}/migration.sql")).unwrap();
            let checksum = {
                use sha2::Digest;
                format!("{:x}", sha2::Sha256::digest(&script))
            };
            ms.push(Migration { name: n, path: Default::default(), script, checksum });
        }
    }
    let t = Instant::now();
    let o = ConnectOptions::default();
    let (s, c) = match connect_or_create(&url, &o).await {
        Ok(x) => x,
        Err(e) => {
            println!("Error: {}: {e}\nhelp: {:?}", e.code().unwrap_or(""), e.help());
            return;
        }
    };
    println!("connected {:?} {:?}", t.elapsed(), s.server());
    let t = Instant::now();
    match a[1].as_str() {
        "deploy" => {
            let (c, cancel) = Cancel::new();
            tokio::spawn(async move {
                let _ = tokio::signal::ctrl_c().await;
                c.cancel()
            });
            let opts =
                DeployOptions { cancel, resume_failed: a.get(4).is_some(), ..Default::default() };
            match deploy(&s, &ms, &opts, &mut P).await {
                Ok(r) => println!(
                    "applied {} pending {} resumed {}",
                    r.applied.len(),
                    r.pending.len(),
                    r.applied.iter().filter(|a| a.resumed).count()
                ),
                Err(e) => println!(
                    "Error: {}: {e}\nhelp: {:?}\napplied {} pending {:?}",
                    e.error.code().unwrap_or(""),
                    e.error.help(),
                    e.report.applied.len(),
                    e.report.pending
                ),
            }
        }
        "replay" => {
            if let Err(e) = ensure_empty(&s).await {
                println!("{e}");
                return;
            }
            match replay(&s, &ms).await {
                Ok(()) => println!("replayed"),
                Err(e) => println!("Error: {}: {e}\nhelp: {:?}", e.code().unwrap_or(""), e.help()),
            }
        }
        "shadow" => {
            let b = cache::Basis { server_major: 15, extensions: vec![], schemas: vec![] };
            for k in [ms.len(), ms.len(), ms.len() - 1, ms.len()] {
                let t = Instant::now();
                let sh = replay_on_copy(&s, &url, &o, &b, &ms[..k]).await.unwrap();
                println!("replayed {} of {k} in {:?}", sh.replayed, t.elapsed());
                let t = Instant::now();
                sh.keep(&s).await.unwrap();
                println!("  kept {:?}", t.elapsed());
                if k == ms.len() {
                    ms[k - 1].script.push_str(" ");
                }
            }
        }
        "count" => {
            let (mut n, mut bad, mut total) = (0, 0, 0);
            for m in &ms {
                let sc = script::Script::parse(&m.script);
                match s.client().simple_query(&m.script).await {
                    Ok(r) => {
                        let c = r
                            .iter()
                            .filter(|x| {
                                matches!(x, tokio_postgres::SimpleQueryMessage::CommandComplete(_))
                            })
                            .count();
                        n += 1;
                        total += c;
                        let expect = sc.statements().len().max(1);
                        if c != expect || !sc.is_certain() {
                            bad += 1;
                            println!(
                                "{}: server {c}, ours {} certain {}",
                                m.name,
                                sc.statements().len(),
                                sc.is_certain()
                            );
                        }
                    }
                    Err(e) => {
                        println!("{}: {e} {:?}", m.name, e.as_db_error().map(|e| e.message()))
                    }
                }
            }
            println!("{n} files, {total} statements, {bad} differ");
        }
        "history" => {
            for r in history(&s).await.unwrap().unwrap_or_default() {
                println!("{r:?} {:?}", r.state())
            }
        }
        "lock" => {
            lock(&s, LockOptions::default(), &Cancel::default(), &mut P).await.unwrap();
            tokio::time::sleep(Duration::from_secs(60)).await
        }
        _ => {}
    }
    println!("took {:?}", t.elapsed());
}
