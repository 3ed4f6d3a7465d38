/** Products of small matrices of float32, row-major. */

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export function matrix(data: Float32Array, rows: number): Matrix {
  return { rows, columns: rows === 0 ? 0 : data.length / rows, data };
}

export function product(a: Matrix, b: Matrix): Matrix {
  const { rows, columns: inner } = a;
  const { columns } = b;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const target = data.subarray(row * columns, (row + 1) * columns);
    for (let k = 0; k < inner; k++) {
      const factor = a.data[row * inner + k]!;
      if (factor === 0) continue;
      const source = k * columns;
      for (let column = 0; column < columns; column++) target[column]! += factor * b.data[source + column]!;
    }
  }
  return { rows, columns, data };
}

export function transposed({ rows, columns, data }: Matrix): Matrix {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = data[row * columns + column]!;
    }
  }
  return { rows: columns, columns: rows, data: result };
}

/** With columns of zeros after its own. */
export function padded({ rows, columns: own, data }: Matrix, columns: number): Matrix {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    result.set(data.subarray(row * own, (row + 1) * own), row * columns);
  }
  return { rows, columns, data: result };
}

/** Row i * b.rows + j is row i of `a` times row j of `b`, number by number. */
export function khatriRao(a: Matrix, b: Matrix): Matrix {
  const { columns } = a;
  const rows = a.rows * b.rows;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [i, j] = [Math.floor(row / b.rows), row % b.rows];
    for (let column = 0; column < columns; column++) {
      data[row * columns + column] = a.data[i * columns + column]! * b.data[j * columns + column]!;
    }
  }
  return { rows, columns, data };
}

/** Block (i, j) is a[i, j] times `b`. */
export function kronecker(a: Matrix, b: Matrix): Matrix {
  const rows = a.rows * b.rows;
  const columns = a.columns * b.columns;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [i, p] = [Math.floor(row / b.rows), row % b.rows];
    for (let j = 0; j < a.columns; j++) {
      const factor = a.data[i * a.columns + j]!;
      const target = row * columns + j * b.columns;
      const source = p * b.columns;
      for (let q = 0; q < b.columns; q++) data[target + q] = factor * b.data[source + q]!;
    }
  }
  return { rows, columns, data };
}
