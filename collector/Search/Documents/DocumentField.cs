namespace Monitoring.Collector.Search.Documents;

/// <summary>A field of documents.</summary>
/// <param name="Name">Its full name with dots.</param>
/// <param name="Type">How it is stored and searched.</param>
/// <param name="Streams">Streams whose documents may have it.</param>
/// <param name="Meaning">What it says, for the documentation.</param>
/// <param name="IsList">True where a document may have several values.</param>
internal sealed record DocumentField(string Name, FieldType Type, StreamSet Streams, string Meaning, bool IsList = false);
