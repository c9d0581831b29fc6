namespace Monitoring.Elasticsearch.Documents;

/// <summary>
/// Where documents wait until they are stored or dead: a log on disk, or a store of the owner with a note of what was delivered. One
/// delivery uses it, from one thread at a time; what it has not settled it is given again after a restart.
/// </summary>
public interface IDocumentSource : IDisposable
{
    /// <summary>Name in metrics and in the log, such as <c>event</c>.</summary>
    string Name { get; }

    /// <summary>Documents that wait, those that were read and are not settled included; an estimate where counting would be costly.</summary>
    long Waiting { get; }

    /// <summary>Completes when there may be documents that were not read.</summary>
    ValueTask WaitAsync(CancellationToken cancellationToken);

    /// <summary>Reads on from where the last call ended, oldest first.</summary>
    /// <param name="into">Gets the documents.</param>
    /// <param name="limit">Documents at most.</param>
    /// <param name="bytes">Bytes of JSON at most; a single document may be longer.</param>
    /// <returns>False where there is nothing more at present.</returns>
    /// <exception cref="IOException">They cannot be read now; a later call may succeed.</exception>
    bool Read(List<SourceDocument> into, int limit, long bytes);

    /// <summary>A document is stored, or lies with the dead letters: it is not to come again. Called in any order.</summary>
    void Settle(SourceDocument document);

    /// <summary>Makes everything settled so far outlive the process.</summary>
    /// <exception cref="IOException">It may not; what was settled may come again, and is then found to be there.</exception>
    void Commit();
}
