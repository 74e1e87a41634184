using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Knowledge.Vectors;

/// <summary>
/// A vector of length 1 in signed bytes with one scale: a quarter of the memory and of the time of floats. What the rounding does to a ranking is measured in
/// bench/RESULTS.md (recall of the best 25 against floats).
/// </summary>
/// <param name="Scale">What a step of a byte is worth.</param>
/// <param name="Values">One for each dimension, −127 to 127.</param>
internal readonly record struct QuantizedVector(float Scale, sbyte[] Values)
{
    private const int ScaleBytes = sizeof(float);
    private const float Steps = 127;

    /// <summary>Normalises and rounds. A vector of nothing but zeros stays one and is near nothing.</summary>
    internal static QuantizedVector Of(ReadOnlySpan<float> vector)
    {
        var (norm, most) = (TensorPrimitives.Norm(vector), vector.IsEmpty ? 0 : MathF.Abs(TensorPrimitives.MaxMagnitude(vector)));
        var values = new sbyte[vector.Length];
        if (!(norm > 0) || !float.IsFinite(norm))
        {
            return new QuantizedVector(0, values);
        }
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (sbyte)MathF.Round(vector[i] * Steps / most);
        }
        return new QuantizedVector(most / norm / Steps, values);
    }

    /// <summary>As stored.</summary>
    internal byte[] ToBytes()
    {
        var bytes = new byte[ScaleBytes + Values.Length];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, Scale);
        MemoryMarshal.AsBytes<sbyte>(Values).CopyTo(bytes.AsSpan(ScaleBytes));
        return bytes;
    }

    /// <summary>Null: not a vector of this length.</summary>
    internal static QuantizedVector? Read(ReadOnlySpan<byte> bytes, int dimensions)
    {
        if (bytes.Length != ScaleBytes + dimensions)
        {
            return null;
        }
        return new QuantizedVector(BinaryPrimitives.ReadSingleLittleEndian(bytes), MemoryMarshal.Cast<byte, sbyte>(bytes[ScaleBytes..]).ToArray());
    }

    /// <summary>Σ a·b, exactly.</summary>
    internal static int Dot(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b)
    {
        var (sum, i) = (0, 0);
        if (Avx2.IsSupported)
        {
            sum = DotAvx2(a, b, out i);
        }
        else if (Vector.IsHardwareAccelerated)
        {
            sum = DotPortable(a, b, out i);
        }
        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static int DotAvx2(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b, out int done)
    {
        const int Step = 32;
        ref var left = ref MemoryMarshal.GetReference(a);
        ref var right = ref MemoryMarshal.GetReference(b[..a.Length]);
        var (first, second, i) = (Vector256<int>.Zero, Vector256<int>.Zero, 0);
        for (; i <= a.Length - Step; i += Step)
        {
            first += Products(ref left, ref right, (nuint)i);
            second += Products(ref left, ref right, (nuint)(i + (Step / 2)));
        }
        done = i;
        return Vector256.Sum(first + second);

        static Vector256<int> Products(ref sbyte left, ref sbyte right, nuint at) => Avx2.MultiplyAddAdjacent(
            Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref left, at)), Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref right, at)));
    }

    /// <summary>Two products of bytes fit into a short: 2 · 127² is 32,258.</summary>
    internal static int DotPortable(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b, out int done)
    {
        var (sums, i) = (Vector<int>.Zero, 0);
        for (; i <= a.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(a[i..]), out var leftLow, out var leftHigh);
            Vector.Widen(new Vector<sbyte>(b[i..]), out var rightLow, out var rightHigh);
            Vector.Widen((leftLow * rightLow) + (leftHigh * rightHigh), out var low, out var high);
            sums += low + high;
        }
        done = i;
        return Vector.Sum(sums);
    }
}
