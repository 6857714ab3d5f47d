// Views of the kernel's memory, made anew when it has grown: growing detaches
// the old ones, whose length is 0 then.

export class MemoryViews {
  u8!: Uint8Array<ArrayBuffer>;
  u16!: Uint16Array<ArrayBuffer>;
  i32!: Int32Array<ArrayBuffer>;
  u32!: Uint32Array<ArrayBuffer>;
  f64!: Float64Array<ArrayBuffer>;

  constructor(private readonly memory: WebAssembly.Memory) {
    this.refresh();
  }

  refresh(): void {
    const buffer = this.memory.buffer as ArrayBuffer;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Before each use that follows a call into the kernel. */
  check(): void {
    if (this.i32.length === 0) {
      this.refresh();
    }
  }
}
