/// What holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// `[]`.
    List,
    /// `{}`.
    Object,
}

impl Container {
    pub(super) const fn closing_bracket(self) -> u8 {
        match self {
            Self::List => b']',
            Self::Object => b'}',
        }
    }
}

/// The containers that are open, a bit for each: depth costs next to no memory, and usual depths no allocation.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    depth: usize,
    /// The innermost ones, the last in the lowest bit.
    inner: u64,
    outer: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

impl Nesting {
    pub(super) fn push(&mut self, container: Container) {
        if self.depth > 0 && self.depth.is_multiple_of(BITS) {
            self.outer.push(self.inner);
        }
        self.inner = (self.inner << 1) | u64::from(container == Container::Object);
        self.depth += 1;
    }

    pub(super) fn innermost(&self) -> Option<Container> {
        match (self.depth, self.inner & 1) {
            (0, _) => None,
            (_, 0) => Some(Container::List),
            _ => Some(Container::Object),
        }
    }

    pub(super) fn pop(&mut self) {
        self.inner >>= 1;
        self.depth = self.depth.saturating_sub(1);
        if self.depth.is_multiple_of(BITS) {
            self.inner = self.outer.pop().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_come_back_in_the_order_in_which_they_were_opened() {
        let container = |depth: usize| {
            if depth.is_multiple_of(3) {
                Container::List
            } else {
                Container::Object
            }
        };
        let mut open = Nesting::default();
        for depth in 0..1000 {
            open.push(container(depth));
            assert_eq!(open.innermost(), Some(container(depth)), "{depth}");
        }
        for depth in (0..1000).rev() {
            assert_eq!(open.innermost(), Some(container(depth)), "{depth}");
            open.pop();
        }
        assert_eq!(open.innermost(), None);
    }
}
