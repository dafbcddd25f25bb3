//! To be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Composer {}
impl Composer {
    pub fn new(_recall: Vec<String>) -> Self {
        Self {}
    }
}
