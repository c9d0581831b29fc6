namespace Monitoring.Settings.Values;

/// <summary>How far a misspelt name is from a known one.</summary>
public static class EditDistance
{
    /// <summary>Levenshtein's distance: letters to insert, remove or replace. Takes time by the product of the lengths.</summary>
    public static int Between(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
