//! Telling what is going on, to whoever wants to show it.

use crate::{Backup, Described, Diagnosis, Retry};

/// Is told what a use case is doing.
pub trait Progress {
    /// Something that may take a while begins.
    fn busy(&mut self, doing: &str);

    /// The work begins on this database.
    fn datasource(&mut self, _database: &Described) {}

    /// The database is about to be read for this schema file or folder, written as the user would.
    fn introspecting(&mut self, _schema: &str) {}

    /// The database was not there and has been made.
    fn database_created(&mut self, _database: &Described) {}

    /// Everything in the database's schemas has been dropped, and more is to come.
    fn was_reset(&mut self, _database: &Described) {}

    /// This many migrations are in the folder, written as the user would.
    fn migrations_found(&mut self, _count: usize, _folder: &str) {}

    /// This would be lost, or may go wrong, if the work went on.
    fn losses(&mut self, _warnings: &[String], _of: Retry) {}

    /// This is known about a migration that failed, and something will be done about it.
    fn diagnosed(&mut self, _diagnosis: &Diagnosis) {}

    /// A backup is whole, and something will be done that it is for.
    fn backed_up(&mut self, _backup: &Backup) {}

    /// A question comes next: whatever moves on the terminal must rest.
    fn asking(&mut self) {}

    /// Something the user should know, though the work goes on.
    fn notice(&mut self, text: &str);
}

/// Passes on what takes its time and what is worth a notice, and keeps the rest to itself: for a use
/// case inside another.
pub(crate) struct Within<'a>(pub(crate) &'a mut (dyn Progress + 'a));

impl Progress for Within<'_> {
    fn busy(&mut self, doing: &str) {
        self.0.busy(doing);
    }

    fn backed_up(&mut self, backup: &Backup) {
        self.0.backed_up(backup);
    }

    fn notice(&mut self, text: &str) {
        self.0.notice(text);
    }
}
