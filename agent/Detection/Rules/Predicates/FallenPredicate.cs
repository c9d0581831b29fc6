using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>
/// A series is lower than it ever was: a link, a port, a service that was up and is down. Each series is looked at by itself, so that
/// one without a value neither falls nor hides another that did. Where one fell and has no value any more it is unknown whether it
/// came back. How high each was is kept over restarts, since nothing else knows it then.
/// </summary>
internal sealed class FallenPredicate(SeriesReader series) : Predicate
{
    // More than the links of a GPU; what a rule looks at is bounded elsewhere, this bounds what is kept of it.
    private const int MostKept = 256;
    private const int MostNamed = 4;

    private readonly Dictionary<string, double> kept = new(StringComparer.Ordinal);
    private string[] names = [];
    private double[] highest = [];
    private double[] seen = [];
    private bool[] isDown = [];
    private HashSet<string> gone = new(StringComparer.Ordinal); // series that fell and are in no frame any more
    private Support support;

    internal override Tiers Tiers => series.Tiers;

    internal override bool IsUnsupported => Value == Truth.Unknown && support.IsMissing;

    internal override IEnumerable<FallenPredicate> FallenParts => [this];

    /// <summary>How high each series was, by its name.</summary>
    internal IReadOnlyDictionary<string, double> Highest => kept;

    /// <summary>Goes on from before a restart; what was seen since counts too.</summary>
    internal void Recall(IEnumerable<KeyValuePair<string, double>> before)
    {
        foreach (var (name, value) in before) Keep(name, Math.Max(value, kept.GetValueOrDefault(name, value)));
        LookUp();
    }

    /// <summary>What is now is how it should be: only what falls from here on has fallen.</summary>
    internal void Forget()
    {
        kept.Clear();
        Array.Fill(highest, double.NaN);
        Array.Clear(isDown);
        gone.Clear();
    }

    internal override void Bind(FrameLayout layout)
    {
        series.Bind(layout);
        HashSet<string> before = [.. gone, .. names.Where((_, i) => isDown[i])];
        names = [.. series.Places.ToArray().Select(place => layout.Series[place].ToString())];
        isDown = [.. names.Select(before.Contains)];
        gone = [.. before.Except(names)];
        (highest, seen) = (new double[names.Length], new double[names.Length]);
        Array.Fill(seen, double.NaN);
        LookUp();
        if (names.Length == 0) Value = Truth.Unknown;
    }

    internal override Truth Update(SubjectFrame frame)
    {
        if (!support.IsSettled) support.Look(frame.Now, (Tiers & frame.Read) != 0 && HasValue(frame));
        if ((Tiers & frame.Read) == 0) return Value;
        if ((Tiers & frame.Fresh) == 0)
        {
            Array.Fill(seen, double.NaN);
            return Value = Truth.Unknown;
        }
        var (hasValue, isAnyDown, isAnyLost) = (false, false, gone.Count > 0);
        for (var i = 0; i < names.Length; i++)
        {
            var value = seen[i] = frame.Values[series.Places[i]];
            if (!double.IsFinite(value))
            {
                isAnyLost |= isDown[i];
                continue;
            }
            hasValue = true;
            if (!(value <= highest[i])) Keep(names[i], highest[i] = value);
            isAnyDown |= isDown[i] = value < highest[i];
        }
        return Value = isAnyDown ? Truth.True : isAnyLost || !hasValue ? Truth.Unknown : Truth.False;
    }

    internal override void Explain(StringBuilder text)
    {
        var named = 0;
        for (var i = 0; i < names.Length; i++)
        {
            if (!isDown[i] || ++named > MostNamed) continue;
            if (named > 1) text.Append(", ");
            text.Append(names[i]).Append(double.IsNaN(seen[i]) ? " has no value" : " is ").Append(double.IsNaN(seen[i]) ? "" : Words.Number(seen[i])).Append(" and was ").Append(Words.Number(highest[i]));
        }
        foreach (var name in gone)
        {
            if (++named > MostNamed) continue;
            text.Append(named > 1 ? ", " : "").Append(name).Append(" fell and is gone");
        }
        if (named > MostNamed) text.Append(" and ").Append(Words.Number(named - MostNamed)).Append(" more");
        if (named > 0) return;
        text.Append(series.Text).Append(Array.TrueForAll(seen, double.IsNaN) ? " has no value" : $" is as high as it was ({Words.Number(names.Length)} series)");
    }

    internal override void AddEvidence(List<EventValue> values)
    {
        for (var i = 0; i < names.Length; i++)
            if (isDown[i]) values.Add(Evidence.Of(names[i], seen[i], highest[i]));
    }

    private bool HasValue(SubjectFrame frame)
    {
        foreach (var place in series.Places)
            if (double.IsFinite(frame.Values[place])) return true;
        return false;
    }

    private void Keep(string name, double value)
    {
        if (double.IsFinite(value) && (kept.Count < MostKept || kept.ContainsKey(name))) kept[name] = value;
    }

    private void LookUp()
    {
        for (var i = 0; i < names.Length; i++) highest[i] = kept.GetValueOrDefault(names[i], double.NaN);
    }
}
