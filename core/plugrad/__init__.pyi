# Made by "python -m plugrad stubs". Do not edit.
from . import autograd as autograd, func as func, plugins as plugins, utils as utils
from .autograd.anomaly import is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled, is_anomaly_enabled as is_anomaly_enabled
from .autograd.mode import enable_grad as enable_grad, inference_mode as inference_mode, is_grad_enabled as is_grad_enabled, is_inference_mode_enabled as is_inference_mode_enabled, no_grad as no_grad, set_grad_enabled as set_grad_enabled
from .creation import arange as arange, asarray as asarray, empty as empty, empty_like as empty_like, eye as eye, full as full, full_like as full_like, get_default_dtype as get_default_dtype, linspace as linspace, ones as ones, ones_like as ones_like, set_default_dtype as set_default_dtype, tensor as tensor, zeros as zeros, zeros_like as zeros_like
from .legacy import DoubleTensor as DoubleTensor, FloatTensor as FloatTensor, LongTensor as LongTensor
from .ops import abs as abs, acos as acos, acosh as acosh, add as add, all as all, angle as angle, any as any, argmax as argmax, argmin as argmin, argsort as argsort, asin as asin, asinh as asinh, astype as astype, atan as atan, atan2 as atan2, atanh as atanh, bitwise_and as bitwise_and, bitwise_invert as bitwise_invert, bitwise_or as bitwise_or, bitwise_xor as bitwise_xor, broadcast_to as broadcast_to, ceil as ceil, clip as clip, clone as clone, concat as concat, conj as conj, copysign as copysign, cos as cos, cosh as cosh, cumulative_prod as cumulative_prod, cumulative_sum as cumulative_sum, divide as divide, equal as equal, exp as exp, expand as expand, expand_dims as expand_dims, expm1 as expm1, flip as flip, floor as floor, floor_divide as floor_divide, getitem as getitem, greater as greater, greater_equal as greater_equal, hypot as hypot, imag as imag, index as index, index_put as index_put, isfinite as isfinite, isinf as isinf, isnan as isnan, less as less, less_equal as less_equal, log as log, log10 as log10, log1p as log1p, log2 as log2, logaddexp as logaddexp, logical_and as logical_and, logical_not as logical_not, logical_or as logical_or, logical_xor as logical_xor, matmul as matmul, matrix_transpose as matrix_transpose, max as max, maximum as maximum, mean as mean, min as min, minimum as minimum, moveaxis as moveaxis, multiply as multiply, negative as negative, nextafter as nextafter, not_equal as not_equal, permute_dims as permute_dims, positive as positive, pow as pow, prod as prod, real as real, reciprocal as reciprocal, remainder as remainder, repeat as repeat, reshape as reshape, roll as roll, round as round, scatter as scatter, scatter_add as scatter_add, set_imag as set_imag, set_real as set_real, setitem as setitem, sign as sign, signbit as signbit, sin as sin, sinh as sinh, sort as sort, sqrt as sqrt, square as square, squeeze as squeeze, stack as stack, std as std, subtract as subtract, sum as sum, sum_to as sum_to, take as take, take_along_axis as take_along_axis, tan as tan, tanh as tanh, tensordot as tensordot, tile as tile, tril as tril, triu as triu, trunc as trunc, unstack as unstack, var as var, vecdot as vecdot, where as where, zeros_of as zeros_of
from .random_numbers import manual_seed as manual_seed, rand as rand, rand_like as rand_like, randint as randint, randn as randn
from .random_state import get_rng_state as get_rng_state, set_rng_state as set_rng_state
from .registry.claims import set_default_backend as set_default_backend
from .registry.dtype import DType as DType, isdtype as isdtype
from .registry.kernel_list import kernels as kernels
from .registry.kernel_trace import trace_kernels as trace_kernels
from .registry.tensor import Tensor as Tensor
from .transfer import from_dlpack as from_dlpack

__version__: str
bool: DType
complex128: DType
complex64: DType
float16: DType
float32: DType
float64: DType
int16: DType
int32: DType
int64: DType
int8: DType
uint16: DType
uint32: DType
uint64: DType
uint8: DType

__all__ = ['DType', 'DoubleTensor', 'FloatTensor', 'LongTensor', 'Tensor', 'abs', 'acos', 'acosh', 'add', 'all', 'angle', 'any', 'arange', 'argmax', 'argmin', 'argsort', 'asarray', 'asin', 'asinh', 'astype', 'atan', 'atan2', 'atanh', 'autograd', 'bitwise_and', 'bitwise_invert', 'bitwise_or', 'bitwise_xor', 'bool', 'broadcast_to', 'ceil', 'clip', 'clone', 'complex128', 'complex64', 'concat', 'conj', 'copysign', 'cos', 'cosh', 'cumulative_prod', 'cumulative_sum', 'divide', 'empty', 'empty_like', 'enable_grad', 'equal', 'exp', 'expand', 'expand_dims', 'expm1', 'eye', 'flip', 'float16', 'float32', 'float64', 'floor', 'floor_divide', 'from_dlpack', 'full', 'full_like', 'func', 'get_default_dtype', 'get_rng_state', 'getitem', 'greater', 'greater_equal', 'hypot', 'imag', 'index', 'index_put', 'inference_mode', 'int16', 'int32', 'int64', 'int8', 'is_anomaly_check_nan_enabled', 'is_anomaly_enabled', 'is_grad_enabled', 'is_inference_mode_enabled', 'isdtype', 'isfinite', 'isinf', 'isnan', 'kernels', 'less', 'less_equal', 'linspace', 'log', 'log10', 'log1p', 'log2', 'logaddexp', 'logical_and', 'logical_not', 'logical_or', 'logical_xor', 'manual_seed', 'matmul', 'matrix_transpose', 'max', 'maximum', 'mean', 'min', 'minimum', 'moveaxis', 'multiply', 'negative', 'nextafter', 'no_grad', 'not_equal', 'ones', 'ones_like', 'permute_dims', 'plugins', 'positive', 'pow', 'prod', 'rand', 'rand_like', 'randint', 'randn', 'real', 'reciprocal', 'remainder', 'repeat', 'reshape', 'roll', 'round', 'scatter', 'scatter_add', 'set_default_backend', 'set_default_dtype', 'set_grad_enabled', 'set_imag', 'set_real', 'set_rng_state', 'setitem', 'sign', 'signbit', 'sin', 'sinh', 'sort', 'sqrt', 'square', 'squeeze', 'stack', 'std', 'subtract', 'sum', 'sum_to', 'take', 'take_along_axis', 'tan', 'tanh', 'tensor', 'tensordot', 'tile', 'trace_kernels', 'tril', 'triu', 'trunc', 'uint16', 'uint32', 'uint64', 'uint8', 'unstack', 'utils', 'var', 'vecdot', 'where', 'zeros', 'zeros_like', 'zeros_of']
