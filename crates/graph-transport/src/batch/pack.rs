//! Which items go into one batch: the shapes that Graph accepts, in as few requests as possible.

use super::dependencies::Dependencies;

/// The largest request body: 4 MB is the limit of any request to Graph, less room for the envelope
/// (facts: graph-protocol 7).
pub(super) const MOST_BYTES: usize = 3_500_000;

/// One item of a batch, and the item of the same batch that it names in `dependsOn`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Placed {
    pub(super) place: usize,
    pub(super) after: Option<usize>,
}

/// What one `$batch` request holds.
pub(super) type Chunk = Vec<Placed>;

/// How much one request may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<'a> {
    pub(super) items: usize,
    /// The size of each item in the envelope.
    pub(super) sizes: &'a [usize],
}

/// The batches that can be sent now, all at once. Each is of one shape that Graph accepts:
/// independent items, a chain, or one item with items that depend on it alone
/// (facts: graph-protocol 7). What stays behind waits for something in them.
///
/// `open` are the items to be sent, in dependency order; what they depend on is either among them
/// or done. Chains and stars travel in a request each, unless levels of independent items, sent one
/// after the other, take fewer requests.
pub(super) fn wave(dependencies: &Dependencies, open: &[usize], bounds: Bounds<'_>) -> Vec<Chunk> {
    let graph = OpenGraph::new(dependencies, open);
    let (mut shaped, mut loose) = (Vec::new(), Vec::new());
    for component in graph.components() {
        match graph.shape(&component) {
            Shape::Single | Shape::Other => loose.extend(component),
            Shape::Chain | Shape::Star => shaped.push(component),
        }
    }
    loose.sort_unstable();
    let requests: usize =
        shaped.iter().map(|component| component.len().div_ceil(bounds.items)).sum();
    let in_shapes = requests + graph.requests_by_level(loose.iter().copied(), bounds.items);
    let by_level = graph.requests_by_level(0..open.len(), bounds.items);
    if in_shapes > by_level {
        return parallel(graph.roots(0..open.len()), bounds);
    }
    let mut chunks: Vec<Chunk> =
        shaped.iter().map(|component| graph.chunk(component, bounds)).collect();
    chunks.extend(parallel(graph.roots(loose.into_iter()), bounds));
    chunks
}

/// The open items by their position in `open`.
struct OpenGraph<'a> {
    open: &'a [usize],
    /// The positions of what each one waits for.
    parents: Vec<Vec<usize>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shape {
    Single,
    Chain,
    Star,
    Other,
}

impl<'a> OpenGraph<'a> {
    fn new(dependencies: &Dependencies, open: &'a [usize]) -> Self {
        let mut position = vec![None; dependencies.order().len()];
        for (at, place) in open.iter().enumerate() {
            position[*place] = Some(at);
        }
        let waits = |place: &usize| {
            dependencies.parents(*place).iter().filter_map(|parent| position[*parent]).collect()
        };
        let parents = open.iter().map(waits).collect();
        Self { open, parents }
    }

    /// The sets of items that are connected by dependencies, each in dependency order.
    fn components(&self) -> Vec<Vec<usize>> {
        let mut leader: Vec<usize> = (0..self.open.len()).collect();
        for (at, parents) in self.parents.iter().enumerate() {
            for parent in parents {
                let (one, other) = (find(&mut leader, at), find(&mut leader, *parent));
                leader[one.max(other)] = one.min(other);
            }
        }
        let mut components: Vec<Vec<usize>> = vec![Vec::new(); self.open.len()];
        for at in 0..self.open.len() {
            components[find(&mut leader, at)].push(at);
        }
        components.retain(|component| !component.is_empty());
        components
    }

    fn shape(&self, component: &[usize]) -> Shape {
        let Some((root, rest)) = component.split_first() else { return Shape::Single };
        let chained = |pair: &[usize]| self.parents[pair[1]].contains(&pair[0]);
        match rest {
            [] => Shape::Single,
            _ if component.windows(2).all(chained) => Shape::Chain,
            _ if rest.iter().all(|at| self.parents[*at] == [*root]) => Shape::Star,
            _ => Shape::Other,
        }
    }

    /// The beginning of a chain or star that fits into one request.
    fn chunk(&self, component: &[usize], bounds: Bounds<'_>) -> Chunk {
        let chain = self.shape(component) == Shape::Chain;
        let mut room = Room::new(bounds);
        let fitting = component.iter().enumerate().take_while(|(_, at)| room.take(self.open[**at]));
        let placed = fitting.map(|(index, at)| {
            let above = if chain { index.checked_sub(1) } else { Some(0).filter(|_| index > 0) };
            Placed { place: self.open[*at], after: above.map(|above| self.open[component[above]]) }
        });
        placed.collect()
    }

    /// How many requests these items take if each level of the graph is sent by itself.
    fn requests_by_level(&self, items: impl Iterator<Item = usize>, limit: usize) -> usize {
        let mut level = vec![0_usize; self.open.len()];
        let mut counts: Vec<usize> = Vec::new();
        for at in items {
            let above = self.parents[at].iter().map(|parent| level[*parent] + 1);
            level[at] = above.max().unwrap_or(0);
            counts.resize(counts.len().max(level[at] + 1), 0);
            counts[level[at]] += 1;
        }
        counts.into_iter().map(|count| count.div_ceil(limit)).sum()
    }

    /// Those of these items that wait for nothing.
    fn roots(&self, items: impl Iterator<Item = usize>) -> impl Iterator<Item = usize> {
        items.filter(|at| self.parents[*at].is_empty()).map(|at| self.open[at])
    }
}

fn find(leader: &mut [usize], mut at: usize) -> usize {
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}

/// Independent items, as many in each request as it holds.
fn parallel(items: impl Iterator<Item = usize>, bounds: Bounds<'_>) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut room = Room::new(bounds);
    for place in items {
        if chunks.is_empty() || !room.take(place) {
            room = Room::new(bounds);
            room.take(place);
            chunks.push(Vec::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(Placed { place, after: None });
        }
    }
    chunks
}

/// What is left of one request.
struct Room<'a> {
    bounds: Bounds<'a>,
    items: usize,
    bytes: usize,
}

impl<'a> Room<'a> {
    fn new(bounds: Bounds<'a>) -> Self {
        Self { bounds, items: bounds.items, bytes: MOST_BYTES }
    }

    /// Whether the item fits, which an item by itself always does.
    fn take(&mut self, place: usize) -> bool {
        let size = self.bounds.sizes[place];
        if self.items == 0 || size > self.bytes {
            return false;
        }
        self.items -= 1;
        self.bytes -= size;
        true
    }
}
