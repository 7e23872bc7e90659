//! The answers of the Query APIs, as trees.

/// An element of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Its name, without a namespace.
    pub name: String,
    /// Its text, trimmed.
    pub text: String,
    /// What it holds.
    pub children: Vec<Self>,
}

impl Element {
    /// Reads a document.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
        Ok(Self::of(document.root_element()))
    }

    fn of(node: roxmltree::Node<'_, '_>) -> Self {
        Self {
            name: node.tag_name().name().to_owned(),
            text: node.text().unwrap_or_default().trim().to_owned(),
            children: node.children().filter(roxmltree::Node::is_element).map(Self::of).collect(),
        }
    }

    /// The first element on a path such as `Error/Code`.
    pub fn find(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .try_fold(self, |element, name| element.children.iter().find(|it| it.name == name))
    }

    /// The text of the first element on a path, if there is one with text.
    pub fn text_of(&self, path: &str) -> Option<&str> {
        self.find(path).map(|element| element.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The elements in the list on a path: RDS's `DBInstances` holds one `DBInstance` each.
    pub fn list(&self, path: &str) -> &[Self] {
        self.find(path).map_or(&[], |element| &element.children)
    }
}

#[cfg(test)]
mod tests {
    use super::Element;

    #[test]
    fn a_path_leads_to_a_text() {
        let xml = "<R xmlns=\"http://x/\"><A><L><M><N>1</N></M><M><N> 2 </N></M></L></A><E/></R>";
        let answer = Element::parse(xml).unwrap();
        let texts: Vec<_> = answer.list("A/L").iter().filter_map(|it| it.text_of("N")).collect();
        assert_eq!(texts, ["1", "2"]);
        assert_eq!((answer.text_of("E"), answer.find("A/X")), (None, None));
        assert!(Element::parse("<R>").is_err());
    }
}
