//! What the tests of all servers need to talk to them.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test uses what it needs"
)]

use server::{Address, Host};
use tokio_postgres::NoTls;

pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

pub fn config(address: &Address) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config.user(&address.user).dbname(&address.database).port(address.port);
    match &address.host {
        Host::Tcp(host) => config.host(host),
        Host::Socket(directory) => config.host_path(directory),
    };
    if let Some(password) = &address.password {
        config.password(password.reveal());
    }
    config
}

pub async fn connect(address: &Address) -> tokio_postgres::Client {
    let (client, connection) = config(address).connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub async fn text(client: &tokio_postgres::Client, query: &str) -> String {
    client.query_one(query, &[]).await.unwrap().get(0)
}

pub async fn connect_url(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
