namespace Monitoring.Simulator.Model;

/// <summary>A small generator (SplitMix64) whose sequence depends on the seed alone, on every platform and runtime.</summary>
internal sealed class DeterministicNoise(ulong seed)
{
    private ulong _state = seed;

    public ulong NextBits()
    {
        _state += 0x9e3779b97f4a7c15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>Evenly between -1 and 1.</summary>
    public double Next() => (NextBits() >> 11) * (2.0 / (1ul << 53)) - 1;
}
