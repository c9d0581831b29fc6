using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.State;

// Arrays of fixed length inside the structs of the state file; the number is the length.

[InlineArray(2)]
internal struct Buffer2<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(3)]
internal struct Buffer3<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(4)]
internal struct Buffer4<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(5)]
internal struct Buffer5<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(6)]
internal struct Buffer6<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(8)]
internal struct Buffer8<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(10)]
internal struct Buffer10<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(12)]
internal struct Buffer12<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(16)]
internal struct Buffer16<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(18)]
internal struct Buffer18<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(32)]
internal struct Buffer32<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(36)]
internal struct Buffer36<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(48)]
internal struct Buffer48<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(64)]
internal struct Buffer64<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(80)]
internal struct Buffer80<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(96)]
internal struct Buffer96<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(128)]
internal struct Buffer128<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(256)]
internal struct Buffer256<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(384)]
internal struct Buffer384<T> where T : unmanaged
{
    private T _first;
}

[InlineArray(512)]
internal struct Buffer512<T> where T : unmanaged
{
    private T _first;
}
