# The smallest service that can be deployed: answers /health and everything else with its text; with API_URL it passes on /api/.
use strict; use warnings; use IO::Socket::INET;
exit 0 if ($ARGV[0] // '') eq '--version';
$| = 1; $SIG{TERM} = sub { exit 0 }; $SIG{PIPE} = 'IGNORE';
open my $file, '<', '/answer.txt' or die; my $answer = do { local $/; <$file> }; chomp $answer;
if ($answer =~ /broken/) { print "this version cannot start: broken\n"; exit 1 }
my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 64, ReuseAddr => 1) or die "no port: $!";
print "serving '$answer' on $ENV{PORT}\n";
while (my $client = $server->accept) {
    my $line = <$client> // '';
    while (my $header = <$client>) { last if $header =~ /^\r?\n$/ }
    if (my ($path) = $line =~ m{ /api(/\S*)} and my ($api) = ($ENV{API_URL} // '') =~ m{^http://(.+)}) {
        my $other = IO::Socket::INET->new(PeerAddr => $api, Timeout => 5);
        print $other "GET $path HTTP/1.0\r\n\r\n" if $other;
        print $client $other ? join('', <$other>) : "HTTP/1.1 502 Away\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        close $client; next;
    }
    my $status = $line =~ m{ /health} && $answer =~ /sick/ ? '500 Sick' : '200 OK';
    my $body = "{\"answer\": \"$answer\", \"release\": \"" . ($ENV{SHIPIT_RELEASE} // '') . "\"}\n";
    print $client "HTTP/1.1 $status\r\nContent-Type: application/json\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    close $client;
}
