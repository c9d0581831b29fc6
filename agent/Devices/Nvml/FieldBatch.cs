namespace Monitoring.Agent.Devices.Nvml;

/// <summary>
/// The fields that one tier asks for, learned as they are asked: the first instant asks each alone, later ones fetch together what the
/// instant before wanted. A field that nobody asks for any more (not supported) drops out. No allocation once the set is known.
/// </summary>
internal sealed class FieldBatch
{
    // More than any table asks of one tier: 36 links times a few fields each. Past it, fields are asked one by one.
    private const int Capacity = 512;
    private readonly List<(uint Field, uint Scope)> known = [];
    private readonly List<bool> asked = [];
    private int[] places = [];
    private int cursor;

    /// <summary>The array to hand to the driver.</summary>
    internal NvmlFieldValue[] Values { get; private set; } = [];

    /// <summary>Prepares <see cref="Values"/>; the number of entries to fetch.</summary>
    internal int Begin()
    {
        if (Values.Length < known.Count) Values = new NvmlFieldValue[known.Count];
        if (places.Length < known.Count) places = new int[known.Count];
        var wanted = 0;
        for (var i = 0; i < known.Count; i++)
        {
            places[i] = -1;
            if (!asked[i]) continue;
            asked[i] = false;
            places[i] = wanted;
            Values[wanted++] = new NvmlFieldValue { FieldId = known[i].Field, ScopeId = known[i].Scope };
        }
        cursor = 0;
        return wanted;
    }

    /// <summary>Tells whether the call as a whole succeeded; if not, every entry failed with its code.</summary>
    internal void Fetched(NvmlReturn code)
    {
        if (code == NvmlReturn.Success) return;
        foreach (ref var value in Values.AsSpan()) value.Return = code;
    }

    /// <summary>The fetched entry of a field; false where it was not fetched in this instant, and will be in the next.</summary>
    internal bool TryGet(uint field, uint scope, out NvmlFieldValue value)
    {
        value = default;
        // Fields are asked in the same order at every instant, so the next one is nearly always where the cursor stands.
        for (var step = 0; step < known.Count; step++)
        {
            var i = (cursor + step) % known.Count;
            if (known[i] != (field, scope)) continue;
            cursor = i + 1;
            asked[i] = true;
            if (i >= places.Length || places[i] < 0) return false;
            value = Values[places[i]];
            return true;
        }
        if (known.Count < Capacity)
        {
            known.Add((field, scope));
            asked.Add(true);
        }
        return false;
    }
}
