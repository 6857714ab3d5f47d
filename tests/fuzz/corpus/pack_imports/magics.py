%%time
try:
    import a
except ImportError:
    b.plot(c.hist)
if TYPE_CHECKING:
    import d
%matplotlib inline
files = !ls (
%pip install -q e 'f>=1'
!echo don't
?g
