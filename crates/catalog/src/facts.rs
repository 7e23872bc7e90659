//! What there is to say about one object, in parts that can be compared and told one by one.

/// The facts about one object, by path: `columns.email`, `comment`.
///
/// Two objects are the same when their facts are, so every field of a kind's struct must be in its
/// facts, except for what is no drift: see [`drift`](crate::drift).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    pub(crate) facts: Vec<Fact>,
    /// Whether it is no drift that the object is there, though it is not expected.
    pub(crate) is_tolerated: bool,
}

/// One fact, of which there may be more to say in particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub(crate) path: String,
    /// All of it, in the words of SQL.
    pub(crate) text: String,
    /// The same in particular: what the path goes on with, and the words of SQL.
    pub(crate) particulars: Vec<(&'static str, String)>,
}

impl Facts {
    /// Nothing about an object that may be there or not.
    pub(crate) fn tolerated() -> Self {
        Self { facts: Vec::new(), is_tolerated: true }
    }

    /// Adds what an option says, if it says something.
    pub(crate) fn maybe(&mut self, path: &str, text: Option<impl Into<String>>) {
        if let Some(text) = text {
            self.add(path, text);
        }
    }

    /// Adds something that is so, if it is so.
    pub(crate) fn flag(&mut self, path: &str, is_so: bool) {
        if is_so {
            self.add(path, "true");
        }
    }

    /// Adds a list, unless it is empty.
    pub(crate) fn list(&mut self, path: &str, items: &[String]) {
        if !items.is_empty() {
            self.add(path, items.join(", "));
        }
    }

    /// Adds something that is always said.
    pub(crate) fn add(&mut self, path: &str, text: impl Into<String>) {
        self.particular(path.to_owned(), text.into(), Vec::new());
    }

    /// Adds a part with a name of its own.
    pub(crate) fn named(&mut self, list: &str, name: &str, text: impl Into<String>) {
        self.particular(format!("{list}.{name}"), text.into(), Vec::new());
    }

    /// Adds a constraint as the server prints it.
    pub(crate) fn constraint(
        &mut self,
        list: &str,
        name: &str,
        definition: &str,
        comment: Option<&str>,
    ) {
        let mut particulars = vec![("definition", definition.to_owned())];
        particulars.extend(comment.map(|comment| ("comment", comment.to_owned())));
        self.particular(format!("{list}.{name}"), definition.to_owned(), particulars);
    }

    /// Adds a part of which the particulars are compared when both sides have it.
    pub(crate) fn particular(
        &mut self,
        path: String,
        text: String,
        particulars: Vec<(&'static str, String)>,
    ) {
        self.facts.push(Fact { path, text, particulars });
    }

    /// All facts in full, in an order that does not depend on the order of declaration.
    pub(crate) fn sorted_text(&self) -> String {
        let mut lines: Vec<String> = self
            .facts
            .iter()
            .map(|fact| format!("{:?} {:?} {:?}", fact.path, fact.text, fact.particulars))
            .collect();
        lines.sort();
        lines.join("\n")
    }

    /// What stands at a path, in particular or as a whole.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.facts.iter().find_map(|fact| {
            let rest = path.strip_prefix(fact.path.as_str())?;
            if rest.is_empty() {
                return Some(fact.text.as_str());
            }
            let rest = rest.strip_prefix('.')?;
            let found = fact.particulars.iter().find(|(name, _)| *name == rest);
            found.map(|(_, text)| text.as_str())
        })
    }
}
