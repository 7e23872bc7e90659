//! The SQL of foreign servers.

use super::ForeignServer;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::{Kind, literal, quoted};

impl Ddl for ForeignServer {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, wrapper, r#type, version, options, comment } = self;
        let this = Address::whole(Kind::ForeignServer, name);
        let on = format!("SERVER {}", quoted(name));
        let sql = format!(
            "CREATE {on}{}{} FOREIGN DATA WRAPPER {}{}",
            write::clause("TYPE", r#type.as_ref().map(|text| literal(text))),
            write::clause("VERSION", version.as_ref().map(|text| literal(text))),
            quoted(wrapper),
            write::foreign_options(options)
        );
        let mut whole = Element::new(
            this.clone(),
            vec![Statement::new(sql)],
            vec![Statement::new(format!("DROP {on}"))],
        );
        whole.unsupported = write::hidden_option(options);
        let mut elements = vec![whole];
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
