//! Lines whose words stand in columns.

/// Lines that share the widths of their columns.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
enum Row {
    /// Cells for the columns, and a comment behind them or instead of them.
    Cells { cells: Vec<String>, comment: String },
    /// A line that is kept as it is.
    Verbatim(String),
}

impl Table {
    /// Adds a line; empty cells at its end take no room.
    pub(super) fn row(&mut self, mut cells: Vec<String>, comment: &str) {
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        self.rows.push(Row::Cells { cells, comment: comment.to_owned() });
    }

    pub(super) fn comment(&mut self, comment: &str) {
        self.row(Vec::new(), comment);
    }

    pub(super) fn empty_line(&mut self) {
        self.row(Vec::new(), "");
    }

    pub(super) fn verbatim(&mut self, line: &str) {
        self.rows.push(Row::Verbatim(line.to_owned()));
    }

    /// Writes the lines, each after the indentation, and empties the table.
    pub(super) fn write(&mut self, indentation: &str, out: &mut String) {
        let widths = self.widths();
        for row in std::mem::take(&mut self.rows) {
            match row {
                Row::Cells { cells, comment } => {
                    let start = out.len();
                    for (index, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                        out.push_str(cell);
                        if index + 1 < cells.len() {
                            out.extend(std::iter::repeat_n(' ', width - cell.len() + 1));
                        }
                    }
                    if !comment.is_empty() {
                        out.push_str(if cells.is_empty() { "" } else { " " });
                        out.push_str(&comment);
                    }
                    if out.len() > start {
                        out.insert_str(start, indentation);
                    }
                }
                Row::Verbatim(line) => {
                    out.push_str(indentation);
                    out.push_str(&line);
                }
            }
            out.push('\n');
        }
    }

    /// Returns the width of each column in bytes, which is what Prisma counts.
    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in &self.rows {
            let Row::Cells { cells, comment: _ } = row else { continue };
            widths.resize(widths.len().max(cells.len()), 0);
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = cell.len().max(*width);
            }
        }
        widths
    }
}
