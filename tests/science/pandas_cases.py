"""What pandas must answer; evaluate.py says how it is compared.

Results must not depend on the width of a pointer: numpy's own integers have
32 bits in WebAssembly, pandas' have 64 everywhere.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

CSV = """day,city,temp,rain
2024-01-01,Oslo,-3.5,0
2024-01-02,Oslo,,1.25
2024-01-01,Bergen,4.0,12
2024-01-03,"Bergen, W",5.5,NA
2024-01-03,Tromsø,-8.25,
"""


def setup() -> dict[str, Any]:
    """The names that the expressions use, new for each."""
    count = 12
    frame = pd.DataFrame(
        {
            "key": list("abcabcabcabc"),
            "half": ["x"] * 6 + ["y"] * 6,
            "n": range(count),
            "f": [((i * 37) % 11) / 4 - 1 for i in range(count)],
            "gap": [None if i % 5 == 2 else i * 1.5 for i in range(count)],
        }
    )
    stamps = pd.date_range("2024-02-27 22:00", periods=count, freq="7h")
    return {
        "pd": pd,
        "np": np,
        "io": io,
        "df": frame,
        "left": pd.DataFrame({"k": [1, 2, 2, 4], "a": list("pqrs")}),
        "right": pd.DataFrame({"k": [2, 4, 4, 5], "b": [0.5, 1.5, 2.5, 3.5]}),
        "ts": pd.Series(np.arange(count) ** 2 / 2, index=stamps),
        "words": pd.Series(["Äpfel", "Bär 12", None, "ça va", "日本", ""]),
        "csv": CSV,
        "read": lambda **options: pd.read_csv(io.StringIO(CSV), **options),
    }


def _named(*expressions: str) -> dict[str, str]:
    """Cases whose expression is their name."""
    return {expression: expression for expression in expressions}


GROUPS = _named(
    "df.groupby('key').sum(numeric_only=True)",
    "df.groupby('key').f.mean()",
    "df.groupby(['key', 'half']).f.agg(['mean', 'std', 'min', 'count'])",
    "df.groupby('key', sort=False).gap.median()",
    "df.groupby('half').agg(total=('n', 'sum'), top=('f', 'max'))",
    "df.groupby('key').f.transform('cumsum')",
    "df.groupby('key').f.rank()",
    "df.groupby('key').apply(lambda g: g.f.max() - g.f.min())",
    "df.groupby('key').n.nth(1)",
    "df.groupby('key').head(1)",
    "df.groupby('half').f.quantile([0.25, 0.75])",
    "df.groupby('half').f.describe()",
    "df.groupby(pd.cut(df.f, 3)).n.sum()",
    "df.groupby('key').n.shift().fillna(-1)",
    "df.groupby('key').gap.ffill()",
    "df.groupby('key').n.rolling(2).mean()",
    "df.groupby('key').f.var()",
    "df.groupby('key').f.skew()",
    "df.groupby('half').key.value_counts()",
    "df.groupby('half').key.nunique()",
    "df.groupby('key').n.first() + df.groupby('key').n.last()",
    "df.groupby('half').n.idxmax()",
    "df.groupby('key', dropna=False).size()",
    "df.groupby('key').filter(lambda g: g.f.sum() > 0).shape",
    "df.groupby('key').n.cumcount(ascending=False).tolist()",
)

JOINS = _named(
    "left.merge(right)",
    "left.merge(right, how='outer')",
    "left.merge(right, how='left', indicator=True)",
    "left.merge(right, how='right', on='k')",
    "left.merge(right, how='cross').shape",
    "left.merge(right, on='k', validate='one_to_one')",
    "left.set_index('k').join(right.set_index('k'), how='inner')",
    "pd.merge_asof(left, right, on='k')",
    "pd.merge_ordered(left, right, on='k', fill_method='ffill')",
    "pd.concat([left, right])",
    "pd.concat([left, right], axis=1)",
    "pd.concat({'l': left, 'r': right}, names=['side'])",
    "df.combine_first(df * 2).f",
    "left.k.isin(right.k).tolist()",
    "left.compare(left.assign(a=list('pqzs')))",
)

SHAPES = _named(
    "df.pivot_table(index='key', columns='half', values='f')",
    "df.pivot_table(index='key', columns='half', values='n',"
    " aggfunc='sum', margins=True)",
    "df.head(3).melt(id_vars='key', value_vars=['n', 'f'])",
    "df.set_index(['half', 'key', 'n']).f.unstack('key')",
    "df.head(4)[['n', 'f']].stack()",
    "pd.crosstab(df.key, df.half)",
    "pd.crosstab(df.key, df.half, normalize='index')",
    "pd.get_dummies(df.key.head(4))",
    "df.head(2).T",
    "pd.Series([[1, 2], [], [3]]).explode()",
    "pd.cut(df.f, [-1, 0, 1, 2]).value_counts()",
    "pd.qcut(df.n, 4, labels=False).tolist()",
    "pd.wide_to_long(pd.DataFrame({'a1': [1], 'a2': [2], 'i': [0]}),"
    " 'a', 'i', 'j')",
    "pd.json_normalize([{'a': {'b': 1, 'c': [1]}}, {'a': {'b': 2}}])",
    "pd.from_dummies(pd.get_dummies(df.key.head(3))).to_numpy().tolist()",
)

FILES = _named(
    "read()",
    "read().dtypes",
    "read(index_col=['city', 'day']).sort_index()",
    "read(parse_dates=['day']).day.dt.day_name()",
    "read(usecols=['city', 'rain'], na_values=['0'])",
    "read(dtype={'temp': 'Float64'}).temp",
    "read(engine='python').equals(read())",
    "read(chunksize=2).get_chunk()",
    "read(skiprows=[1, 2], nrows=2)",
    "read(converters={'city': str.upper}).city.tolist()",
    "pd.read_csv(io.StringIO('a;b\\n1.000,5;x'), sep=';', decimal=',',"
    " thousands='.')",
    "pd.read_csv(io.StringIO('a,b\\n1,2,3\\n4,5'), on_bad_lines='skip')",
    "pd.read_csv(io.StringIO('a,b\\n1,2\\n3,4,5\\n'))",
    "pd.read_csv(io.StringIO('a b  c\\n1 2  3\\n'), sep=r'\\s+')",
    "pd.read_fwf(io.StringIO('ab 12\\ncd 34'), header=None)",
    "pd.read_csv(io.BytesIO('a\\né'.encode('latin-1')), encoding='latin-1')",
    "read().to_csv(index=False)",
    "read().to_json(orient='records')",
    "df.head(3).to_json(orient='split', double_precision=3)",
    "pd.read_json(io.StringIO('[{\"a\": 1.5, \"b\": \"é\"}, {\"a\": 2}]'))",
    "read().to_html(index=False, na_rep='-')",
    "read().to_latex(index=False)",
    "read().to_markdown()",
    "df.head(2).to_dict('records')",
    "pd.read_pickle(io.BytesIO(__import__('pickle').dumps(df))).equals(df)",
    "ts.to_json(date_format='iso')",
    "read().to_xml()",
    "read().to_parquet('t.parquet')",
)

TIMES = _named(
    "ts.resample('D').sum()",
    "ts.resample('12h', origin='start').agg(['first', 'last'])",
    "ts.resample('3h').interpolate().head(6)",
    "ts.resample('W-MON').count()",
    "ts.asfreq('30min').head(3)",
    "ts.rolling('1D').mean().round(6)",
    "ts.tz_localize('UTC').tz_convert('Europe/Oslo').head(3)",
    "ts.tz_localize('America/New_York').tz_convert('Asia/Kolkata').index[0]",
    "pd.Timestamp('2024-03-31 02:30').tz_localize('Europe/Berlin')",
    "pd.Timestamp('2024-10-27 02:30').tz_localize('Europe/Berlin',"
    " ambiguous=True)",
    "pd.date_range('2024-03-30', periods=3, tz='Europe/Berlin').tolist()",
    "pd.date_range('2024-01-31', periods=4, freq='ME').strftime('%d %b')"
    ".tolist()",
    "pd.bdate_range('2024-02-28', periods=4).tolist()",
    "pd.period_range('2023Q4', periods=3, freq='Q').astype(str).tolist()",
    "pd.Timestamp('2024-02-29') + pd.DateOffset(years=1)",
    "pd.Timestamp('2024-02-28') + 2 * pd.offsets.BDay()",
    "pd.Timedelta('1 days 02:03:04.000005').components",
    "pd.to_datetime(['2024-01-02', '2/1/2024'], format='mixed').tolist()",
    "pd.to_datetime('31.12.2023', dayfirst=True)",
    "pd.to_datetime(['x'])",
    "pd.to_datetime([1e9, 1.5e9], unit='s').tolist()",
    "ts.index.isocalendar().tail(2)",
    "ts.loc['2024-02-29'].tolist()",
    "ts.between_time('0:00', '6:00')",
    "(ts.index - ts.index[0]).total_seconds().tolist()[:3]",
    "ts.index.to_period('M').value_counts().tolist()",
    "ts.shift(1, freq='D').index[0]",
    "pd.Timestamp('1677-01-01').unit",
    "pd.Interval(0, 1).overlaps(pd.Interval(0.5, 2))",
    "int(pd.interval_range(0, 4).get_loc(2.5))",
    "ts.dt",
)

COLUMNS = _named(
    "df.rolling(3, on='n').f.mean().round(6).tolist()",
    "df.f.rolling(4, min_periods=1).std().round(6).tolist()",
    "df.f.rolling(4).median().tolist()",
    "df.f.rolling(3).skew().round(6).tolist()",
    "df.f.rolling(5, center=True).quantile(0.3).tolist()",
    "df.f.rolling(3).corr(df.n).round(6).tolist()",
    "df.f.expanding().max().tolist()",
    "df.f.ewm(span=3).mean().round(6).tolist()",
    "df.describe()",
    "df.describe(include='all').loc[['count', 'unique', 'top']]",
    "df[['n', 'f', 'gap']].corr().round(9)",
    "df[['f', 'n']].corr(method='spearman').round(9)",
    "df[['f', 'n']].corr(method='kendall').round(9)",
    "df.sort_values(['half', 'f'], ascending=[False, True]).n.tolist()",
    "df.nlargest(3, 'f').n.tolist()",
    "df.f.rank(method='dense').tolist()",
    "df.gap.interpolate().tolist()",
    "df.gap.bfill().tolist()",
    "df.isna().sum()",
    "df.drop_duplicates('key').n.tolist()",
    "df.duplicated(['key', 'half']).sum()",
    "df.query('f > 0 and half == \"x\"').n.tolist()",
    "df.eval('n * 2 + f').tolist()",
    "df.loc[df.f.between(0, 1), ['key', 'n']]",
    "df.iloc[-2:, 1:3]",
    "df.assign(g=lambda d: d.f ** 2).g.sum()",
    "df.key.value_counts(normalize=True)",
    "df.key.astype('category').cat.codes.tolist()",
    "pd.factorize(df.key)[1].tolist()",
    "df.select_dtypes('number').columns.tolist()",
    "df.sample(4, random_state=7).n.tolist()",
    "df.f.clip(0, 1).cumprod().tolist()",
    "df.n.where(df.n > 6, -1).tolist()",
    "df.f.map('{:+.2f}'.format).tolist()",
    "df.n.diff().tolist()",
    "df.n.pct_change().round(6).tolist()",
    "int(df.n.astype('Int8').sum())",
    "pd.Series([1, None, 3], dtype='Int64') + 1",
    "pd.Series([True, None], dtype='boolean') | True",
    "pd.Series([1.5, 2.5]).astype('int64')",
    "pd.Series(['1', 'x']).astype(int)",
    "pd.to_numeric(pd.Series(['1', 'x', '2.5']), errors='coerce').tolist()",
    "pd.Series([0, 0, 1]).astype('Sparse[int64]').sparse.density",
    "pd.Index([3, 1, 2]).union([2, 5]).tolist()",
    "pd.MultiIndex.from_product([[1, 2], list('ab')]).get_level_values(1)"
    ".tolist()",
    "pd.Series([1, 2], index=['a', 'b'])['c']",
    "df['missing']",
    "pd.DataFrame([[1, 2], [3]]).sum(axis=1).tolist()",
    "int(pd.util.hash_pandas_object(df.key).iloc[0])",
    "int(df.memory_usage(index=False).loc['n'])",
)

TEXTS = _named(
    "words.str.upper().tolist()",
    "words.str.len().tolist()",
    "words.str.extract(r'(\\d+)')[0].tolist()",
    "words.str.contains('ä', case=False).tolist()",
    "words.str.split(expand=True)",
    "words.str.normalize('NFD').str.len().tolist()",
    "words.str.pad(7, fillchar='.').tolist()",
    "words.str.encode('utf-8').tolist()",
    "words.str.replace(r'\\W', '_', regex=True).tolist()",
    "words.sort_values().tolist()",
    "words.str.cat(sep='|', na_rep='?')",
    "words.dtype",
)

DISPLAY = _named(
    "repr(df)",
    "repr(df.head(0))",
    "df.head(2)._repr_html_()",
    "repr(ts)",
    # A kernel shows 20 columns, a terminal as many as it is wide.
    "(pd.set_option('display.max_columns', 20),"
    " repr(pd.DataFrame(np.zeros((100, 30)))))[1]",
    "repr(pd.DataFrame({'x': [1e-9, 1e9, np.nan, np.inf]}))",
    "repr(words)",
    "repr(pd.concat([df, df], keys=['a', 'b']).tail(3))",
    "df.head(2).style.format(precision=1).set_uuid('u').to_html()",
    "df.head(3).style.highlight_max('f').set_uuid('u')"
    ".set_caption('é <b>').to_html()",
    "df.head(2).style.hide(axis='index').to_latex()",
    "df.head(3).style.bar('n').set_uuid('u').to_html()",
    "(b := io.StringIO(), df.info(buf=b, memory_usage=False),"
    " b.getvalue())[2]",
)

# numpy's default integer has 64 bits as natively, an index has 32.
INTEGERS = _named(
    "int(np.arange(100000).sum())",
    "repr(np.arange(3) * 2**33)",
    "repr(np.argsort(np.array([3, 1, 2])))",
    "repr(np.repeat(np.arange(3), np.array([1, 0, 2])))",
    "repr(np.bincount(np.array([1, 2, 2])))",
    "repr(np.take(np.arange(5), np.array([0, 3])))",
    "repr(np.random.default_rng(0).choice(5, 3, replace=False))",
    "pd.DataFrame(np.arange(4).reshape(2, 2)).dtypes",
    "df.assign(new=np.arange(12)).take([1, 0], axis=1)",
    "(df.insert(0, 'first', 1), df[['n', 'first']].sum())[1]",
    "pd.Series([1.5, 2.5]).astype(int)",
    "df.n.argsort()",
    "(df.n.argsort() * 10**9 * 10).max()",
    "pd.cut(df.n, 3, labels=False)",
    "pd.qcut(df.n, 4, labels=False)",
    "df[['n', 'f']].memory_usage(index=False)",
    "repr((df.n.argmax(), df.n.argmin(), df.n.searchsorted(3)))",
    "df.groupby('key').n.agg(lambda group: group.argmax())",
    "pd.DataFrame({'m': pd.array([1, None], 'Int8')}).sum(skipna=False)",
    "pd.DataFrame({'m': pd.array([None], 'UInt16')}).sum(min_count=1)",
)

CASES = {
    **GROUPS,
    **JOINS,
    **SHAPES,
    **FILES,
    **TIMES,
    **COLUMNS,
    **TEXTS,
    **DISPLAY,
    **INTEGERS,
}
