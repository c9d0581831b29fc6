namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>What became of dead letters that were sent again.</summary>
/// <param name="Stored">Documents that are stored now.</param>
/// <param name="Duplicates">Documents that had been stored already.</param>
/// <param name="RefusedAgain">Documents that are dead letters again.</param>
/// <param name="Unreadable">Lines that are no dead letters; they are kept in a file beside.</param>
/// <param name="Left">Documents that were not sent or not answered, and wait for the next replay.</param>
public sealed record ReplayResult(long Stored, long Duplicates, long RefusedAgain, long Unreadable, long Left)
{
    /// <summary>One line for a person.</summary>
    public string Words => $"{Stored} stored, {Duplicates} had been stored, {RefusedAgain} refused again, {Unreadable} unreadable, {Left} left";

    /// <summary>True when nothing is left and nothing was refused again.</summary>
    public bool IsClean => RefusedAgain == 0 && Unreadable == 0 && Left == 0;
}
