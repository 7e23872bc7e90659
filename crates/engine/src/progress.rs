//! Telling what is going on, to whoever wants to show it.

/// Is told what a use case is doing.
pub trait Progress {
    /// Something that may take a while begins.
    fn busy(&mut self, doing: &str);

    /// Something the user should know, though the work goes on.
    fn notice(&mut self, text: &str);
}
