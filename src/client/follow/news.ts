import type { FollowedEdge, FollowedNode, FollowedRun } from './tree.ts';

/** What changed since someone looked: newest states, each thing once, however often it changed. */
export class News {
  readonly runs = new Newest<FollowedRun>();
  readonly nodes = new Newest<FollowedNode>();
  readonly edges = new Newest<FollowedEdge>();

  get isEmpty(): boolean {
    return this.runs.size + this.nodes.size + this.edges.size === 0;
  }
}

class Newest<State extends object> extends Set<State> {
  note(state: State, before: State | undefined): void {
    if (before) this.delete(before);
    this.add(state);
  }
}
