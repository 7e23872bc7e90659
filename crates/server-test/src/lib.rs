//! `#[server_test]`: a test that needs PostgreSQL's server programs.
//!
//! Where the machine has none, the test is *ignored*, which the harness counts, rather than returning
//! early, which it would count as passed. Whether there are any is found out when this crate is built,
//! and again when one is installed; `UNDRIFT_TEST_PROGRAMS` names the directory of others.

use proc_macro::{TokenStream, TokenTree};

/// Makes a test of a function, `async` or not, that is ignored without PostgreSQL's server programs.
#[proc_macro_attribute]
pub fn server_test(_: TokenStream, function: TokenStream) -> TokenStream {
    let is_async = function
        .clone()
        .into_iter()
        .any(|token| matches!(&token, TokenTree::Ident(word) if word.to_string() == "async"));
    let mut test =
        if is_async { "#[::tokio::test]" } else { "#[::core::prelude::v1::test]" }.to_owned();
    if !cfg!(server_programs) {
        test.push_str("#[ignore = \"needs PostgreSQL's server programs (initdb, postgres)\"]");
    }
    let mut tokens: TokenStream = test.parse().unwrap_or_default();
    tokens.extend(function);
    tokens
}
