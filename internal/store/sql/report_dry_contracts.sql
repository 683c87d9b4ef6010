SELECT contract FROM contracts ORDER BY contract;
