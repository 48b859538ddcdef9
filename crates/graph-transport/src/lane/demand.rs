//! What a request asks of its lanes.

/// Whether a request reads or changes something; Graph limits both on their own.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Access {
    /// GET, and a POST that only reads.
    Read,
    /// Everything else.
    Write,
}

/// A lane of the table, or the one of a first path segment that the table does not know.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum LaneId {
    Known(u8),
    Other(u64),
}

/// What one request, or all items of a batch together, cost in one lane.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Demand {
    pub(crate) lane: LaneId,
    pub(crate) access: Access,
    pub(crate) units: u32,
    pub(crate) requests: u32,
    pub(crate) writes: u32,
}

impl Demand {
    pub(super) fn read(lane: LaneId, units: u32) -> Self {
        Self { lane, access: Access::Read, units, requests: 1, writes: 0 }
    }

    pub(super) fn write(lane: LaneId, units: u32) -> Self {
        Self { lane, access: Access::Write, units, requests: 1, writes: 1 }
    }
}

/// The demands of a request, in the order in which the lanes are entered: always the same, so that
/// two requests never wait for each other's lane.
#[derive(Clone, Debug)]
pub(crate) struct Demands {
    first: Demand,
    more: Vec<Demand>,
}

impl From<Demand> for Demands {
    fn from(first: Demand) -> Self {
        Self { first, more: Vec::new() }
    }
}

impl Demands {
    /// Adds a demand to the lane's own, or as a further lane.
    pub(crate) fn add(&mut self, demand: Demand) {
        let same = |it: &&mut Demand| (it.lane, it.access) == (demand.lane, demand.access);
        let mut all = std::iter::once(&mut self.first).chain(&mut self.more);
        if let Some(known) = all.find(same) {
            known.units += demand.units;
            known.requests += demand.requests;
            known.writes += demand.writes;
            return;
        }
        self.more.push(demand);
        let mut all: Vec<Demand> = self.iter().collect();
        all.sort_by_key(|it| (it.lane, it.access));
        self.first = all.remove(0);
        self.more = all;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Demand> + '_ {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    /// The demand that is entered after so many others.
    pub(crate) fn get(&self, index: usize) -> Option<Demand> {
        index.checked_sub(1).map_or(Some(self.first), |index| self.more.get(index).copied())
    }

    pub(crate) fn first_mut(&mut self) -> &mut Demand {
        &mut self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// N: items of a batch cost the sum, lane by lane.
    #[test]
    fn demands_add_up_by_lane_and_keep_one_order() {
        let (a, b) = (LaneId::Known(1), LaneId::Known(0));
        let mut demands = Demands::from(Demand::read(a, 2));
        demands.add(Demand::read(a, 3));
        demands.add(Demand::write(a, 1));
        demands.add(Demand::read(b, 1));
        let all: Vec<_> = demands.iter().map(|it| (it.lane, it.access, it.units)).collect();
        assert_eq!(all, [(b, Access::Read, 1), (a, Access::Read, 5), (a, Access::Write, 1)]);
    }
}
